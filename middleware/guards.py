"""Two threads watch over the attempts of a process: one renews leases, one keeps time limits.

The heartbeat also hears what owners ask for meanwhile.
"""

import logging
import math
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dramatiq import Broker

import keepsake
from keepsake.jobs import (
    CancelRequested,
    Claim,
    Engine,
    HandBack,
    LeaseLost,
    LeaseStatus,
    PauseRequested,
    Stop,
    TimeLimitReached,
)
from keepsake.storage import StorageError
from middleware.running import AttemptMiddleware, Run

_leases = logging.getLogger("keepsake.leases")
_STATM = Path("/proc/self/statm")
_STUCK_SECONDS = 120.0
"""Longer than a heartbeat takes while MongoDB hangs."""
_REQUESTS: dict[str | None, type[Stop]] = {"cancel": CancelRequested, "pause": PauseRequested}


class Heartbeats(AttemptMiddleware):
    """One heartbeat thread per process.

    A busy actor cannot starve it for long: it needs the interpreter for under a millisecond.
    A request (cancel, pause) is shown to the actor at the first heartbeat that hears of it and
    interrupts it at the second. A lease that could not be renewed in time counts as lost.

    drain: lets this process claim nothing more.
    """

    def __init__(self, engine: Engine, worker: str, drain: Callable[[], None]) -> None:
        self._engine = engine
        self._worker = worker
        self._drain = drain
        self.drained = False
        """Whether this process claims nothing more."""
        self._turned_at = math.inf
        self._heard_at: float | None = None
        self._serves: dict[str, Any] = {}
        self._runs: dict[str, Run] = {}
        self._renewed: dict[str, float] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> int:
        """How many attempts run."""
        return len(self._runs)

    @property
    def renews(self) -> bool:
        """Whether the thread that renews leases is there and gets on, whoever answers it or not."""
        thread = self._thread
        late = time.monotonic() - self._turned_at > _STUCK_SECONDS
        return thread is not None and thread.is_alive() and not late

    @property
    def silent_seconds(self) -> float | None:
        """For how long no heartbeat was stored; None before the first."""
        return None if self._heard_at is None else time.monotonic() - self._heard_at

    def after_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Start the heartbeat."""
        self._serves = {
            "queues": sorted(worker.consumers),
            "threads": len(worker.workers),
            "types": sorted(self._engine.types),
        }
        self._stop.clear()
        self._turned_at = time.monotonic()
        self._thread = threading.Thread(target=self._heartbeat_loop, name="leases", daemon=True)
        self._thread.start()

    def before_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """Ask what runs to stop at its next checkpoint, and interrupt it after the grace."""
        for run in self._listed():
            run.attempt.request(HandBack)
        grace = threading.Timer(self._engine.settings.stop_grace_seconds, self._hand_back)
        grace.daemon = True
        grace.start()

    def after_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """Stop the heartbeat and leave the list of workers."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        try:
            self._engine.leases.leave(self._worker)
        except StorageError:
            _leases.info("leases.not_left", extra={"worker": self._worker})

    def started(self, run: Run) -> None:
        """Watch over the attempt's lease."""
        with self._lock:
            self._runs[run.attempt.claim.claim_id] = run
            self._renewed[run.attempt.claim.claim_id] = run.attempt.claim.asked_at

    def ended(self, run: Run) -> None:
        """Renew the lease no longer."""
        with self._lock:
            self._runs.pop(run.attempt.claim.claim_id, None)
            self._renewed.pop(run.attempt.claim.claim_id, None)

    def _listed(self) -> list[Run]:
        with self._lock:
            return list(self._runs.values())

    def _hand_back(self) -> None:
        for run in self._listed():
            run.interrupt(HandBack)

    def _heartbeat_loop(self) -> None:
        while True:
            try:
                self.heartbeat()
            except StorageError:
                _leases.warning("leases.unrenewed", extra={"worker": self._worker})
                self._drop_expired()
            self._turned_at = time.monotonic()
            if self._stop.wait(self._engine.settings.heartbeat_seconds):
                return

    def heartbeat(self) -> None:
        """Renew all leases and act on what is heard.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        runs = self._listed()
        about = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": keepsake.__version__,
            "memory_bytes": resident_bytes(),
            **self._serves,
            "drained": self.drained,
            "running": [run.attempt.job_id for run in runs],
        }
        if self._engine.leases.heartbeat(self._worker, about) and not self.drained:
            self.drained = True
            _leases.info("worker.drained", extra={"worker": self._worker})
            self._drain()
        self._heard_at = time.monotonic()
        if runs:
            began = time.monotonic()
            held = self._engine.leases.renew([run.attempt.claim for run in runs])
            self._hear(runs, {lease.claim_id: lease for lease in held}, began)

    def _hear(self, runs: list[Run], held: dict[str, LeaseStatus], began: float) -> None:
        for run in runs:
            known = held.get(run.attempt.claim.claim_id)
            if known is None:
                _lose(run)
                continue
            with self._lock:
                if known.claim_id in self._renewed:
                    self._renewed[known.claim_id] = began
            run.attempt.happened("lease.renewed")
            stop = _REQUESTS.get(known.control)
            if stop is not None and run.attempt.requested is stop:
                run.interrupt(stop)
            elif stop is not None:
                run.attempt.request(stop)

    def _drop_expired(self) -> None:
        """Without the database nobody can tell: past its length a lease is lost."""
        oldest = time.monotonic() - self._engine.settings.lease_seconds
        with self._lock:
            expired = [
                run for claim_id, run in self._runs.items() if self._renewed[claim_id] < oldest
            ]
        for run in expired:
            _lose(run)


def _lose(run: Run) -> None:
    run.attempt.happened("lease.lost")
    run.interrupt(LeaseLost)


_limits = logging.getLogger("keepsake.timeouts")
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
            _limits.warning("timeouts.unrecorded", extra={"job_id": run.attempt.job_id})
            self._set(time.monotonic() + _GRACE_SECONDS, run, final=True)


def limit_seconds(claim: Claim) -> float:
    """How long an attempt may take, by the database's clock alone: a worker's may be wrong."""
    claimed_at: datetime = claim.job.record["updated_at"]
    waited = time.monotonic() - claim.asked_at
    left = (claim.deadline_at - claimed_at).total_seconds() - waited
    return float(min(claim.job.record["limits"]["attempt_seconds"], max(left, 0)))


def resident_bytes() -> int | None:
    """How much memory this process has; None where the system does not say (no /proc)."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
