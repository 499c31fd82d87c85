"""One canonical log line per attempt, and its counters."""

import logging
import time
from typing import Any

from dramatiq import Broker, Middleware
from dramatiq.broker import MessageProxy

from middleware import running
from middleware.running import GiveUp, Retry, Run

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
                "attempt": claim.attempt,
                "token": claim.token,
                "worker": self._worker,
                "outcome": _outcome(run),
                "elapsed_ms": round((time.monotonic() - run.started) * 1000, 1),
            },
        )


def _outcome(run: Run) -> str:
    if isinstance(run.decision, Retry):
        return "retry"
    if isinstance(run.decision, GiveUp):
        return "dead_letter"
    return "succeeded" if run.stop is None else type(run.stop).__name__
