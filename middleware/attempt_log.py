"""One canonical log line per attempt, and one more for an error that nobody expected."""

import logging
import time
from typing import Any

from dramatiq import Broker, Middleware
from dramatiq.broker import MessageProxy

from keepsake.jobs.errors import Failure
from middleware import running
from middleware.retries import described
from middleware.running import Run

_log = logging.getLogger("keepsake.attempts")


class AttemptLog(Middleware):
    """Says what ran, for how long, and how it ended; of an unexpected error its type and places."""

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
        about = self._about(run)
        elapsed_ms = round((time.monotonic() - run.started) * 1000, 1)
        _log.info(
            "attempt.ended", extra={**about, "outcome": run.outcome, "elapsed_ms": elapsed_ms}
        )
        if run.failure is not None and not isinstance(run.failure, Failure):
            error = described(run.failure)
            raised = {"error": error["exception"], "traceback": error["traceback"]}
            _log.error("attempt.failed", extra={**about, **raised})

    def _about(self, run: Run) -> dict[str, Any]:
        claim = run.attempt.claim
        return {
            "job_id": claim.job.id,
            "type": str(claim.job.type),
            "owner": claim.job.owner,
            "trace_id": claim.job.trace_id,
            "attempt": claim.attempt,
            "token": claim.token,
            "worker": self._worker,
        }
