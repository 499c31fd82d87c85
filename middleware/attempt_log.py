"""One canonical log line per attempt."""

import logging
import time
from typing import Any

from dramatiq import Broker, Middleware
from dramatiq.broker import MessageProxy

from middleware import running

_log = logging.getLogger("keepsake.attempts")


class AttemptLog(Middleware):
    """Says what ran, for how long, and how it ended."""

    def __init__(self, worker: str) -> None:
        self._worker = worker

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        """Log the attempt, if there was one."""
        run = running.peek()
        if run is None:
            return
        claim = run.attempt.claim
        _log.info(
            "attempt.ended",
            extra={
                "job_id": claim.job.id,
                "type": str(claim.job.type),
                "owner": claim.job.owner,
                "trace_id": claim.job.trace_id,
                "attempt": claim.attempt,
                "token": claim.token,
                "worker": self._worker,
                "outcome": run.outcome,
                "elapsed_ms": round((time.monotonic() - run.started) * 1000, 1),
            },
        )
