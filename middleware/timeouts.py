"""Interrupts attempts that reach their time limit or their job's deadline."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dramatiq import Broker

from keepsake.jobs import Claim, TimeLimitReached
from keepsake.storage import StorageError
from middleware.running import AttemptMiddleware, Run

_log = logging.getLogger("keepsake.timeouts")
_GRACE_SECONDS = 5.0

Fence = Callable[[Run], None]


@dataclass(frozen=True, slots=True)
class _Alarm:
    """When to stop a run; `final` is for one that could not be interrupted."""

    at: float
    run: Run
    final: bool


class Timeouts(AttemptMiddleware):
    """One thread watches all attempts of the process.

    At the limit the actor is interrupted. One that blocks in C or in a system call cannot be: after
    a grace it is fenced off. Its outcome is recorded as a timeout, and its writes are refused.
    """

    def __init__(self, fence_off: Fence) -> None:
        self._fence_off = fence_off
        self._alarms: dict[str, _Alarm] = {}
        self._changed = threading.Condition()
        self._stopped = False

    def after_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Start watching."""
        self._stopped = False
        threading.Thread(target=self._watch, name="timeouts", daemon=True).start()

    def after_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """Stop watching."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def started(self, run: Run) -> None:
        """Set the alarm for the attempt."""
        self._set(time.monotonic() + limit_seconds(run.attempt.claim), run, final=False)

    def ended(self, run: Run) -> None:
        """Take the alarm back."""
        run.done = True
        with self._changed:
            self._alarms.pop(run.attempt.claim.claim_id, None)

    def _set(self, at: float, run: Run, *, final: bool) -> None:
        with self._changed:
            first = all(at < alarm.at for alarm in self._alarms.values())
            self._alarms[run.attempt.claim.claim_id] = _Alarm(at, run, final)
            if first:  # a later alarm changes nothing for the thread that waits
                self._changed.notify()

    def _watch(self) -> None:
        while (alarm := self._next()) is not None:
            if alarm.run.done:
                continue
            if alarm.final:
                self._fence(alarm.run)
            else:
                alarm.run.interrupt(TimeLimitReached)
                self._set(time.monotonic() + _GRACE_SECONDS, alarm.run, final=True)

    def _next(self) -> _Alarm | None:
        """Wait for the next alarm; None when the worker stops."""
        with self._changed:
            while not self._stopped:
                claim_id, first = min(
                    self._alarms.items(), key=lambda item: item[1].at, default=("", None)
                )
                wait = first.at - time.monotonic() if first is not None else None
                if wait is not None and wait <= 0:
                    return self._alarms.pop(claim_id)
                self._changed.wait(wait)
        return None

    def _fence(self, run: Run) -> None:
        try:
            self._fence_off(run)
        except StorageError:
            _log.warning("timeouts.unrecorded", extra={"job_id": run.attempt.job_id})
            self._set(time.monotonic() + _GRACE_SECONDS, run, final=True)


def limit_seconds(claim: Claim) -> float:
    """How long an attempt may take, by the database's clock alone: a worker's may be wrong."""
    claimed_at: datetime = claim.job.record["updated_at"]
    left = (claim.deadline_at - claimed_at).total_seconds()
    return float(min(claim.job.record["limits"]["attempt_seconds"], max(left, 0)))
