"""Ends a worker process that has grown, or has done enough, without harm to any job."""

import logging
import math
import os
import random
import signal
import threading
import time
from typing import Any

from dramatiq import Broker

from keepsake.jobs import WorkerLeases
from keepsake.storage import StorageError
from middleware.guards import Heartbeats, resident_bytes
from middleware.running import AttemptMiddleware, Run
from middleware.worker_settings import WorkerSettings

_log = logging.getLogger("keepsake.workers")
_LOOK_SECONDS = 0.5
_MEGABYTE = 1_000_000


class Recycling(AttemptMiddleware):
    """Drains its own process as an operator would, waits until nothing runs, and stops it.

    What runs too long for that is handed back, as at any stop: no attempt is burnt. Dramatiq's
    master ends with its process; whoever keeps that starts another.
    """

    def __init__(
        self, heartbeats: Heartbeats, leases: WorkerLeases, worker: str, settings: WorkerSettings
    ) -> None:
        self._heartbeats, self._leases, self._worker = heartbeats, leases, worker
        self._settings = settings
        self._done, self._most = 0, _jittered(settings.worker_max_jobs)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._ending = False

    def after_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Look from now on, if there is a limit."""
        if self._settings.worker_max_jobs or self._settings.worker_max_memory_mb:
            threading.Thread(target=self._watch, name="recycling", daemon=True).start()

    def before_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """A process that ends by itself is not to be killed by a stop that comes meanwhile."""
        self._stop.set()
        if self._ending:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def ended(self, run: Run) -> None:
        """Count the attempt."""
        with self._lock:
            self._done += 1

    def why(self) -> str:
        """Why this process is to end; nothing if it is not, or has done nothing yet."""
        most = self._settings.worker_max_memory_mb
        if not self._done:
            return ""
        held = (resident_bytes() or 0) // _MEGABYTE
        if most and held > most:
            return f"it has {held} MB of memory"
        if self._most and self._done >= self._most:
            return f"it has made {self._done} attempts"
        return ""

    def _watch(self) -> None:
        """Drain once there is a reason. A worker that an operator drains is the operator's."""
        while not self._stop.wait(_LOOK_SECONDS):
            if self._heartbeats.drained:
                return
            if (reason := self.why()) and self._asked_to_drain(reason):
                self._end_when_idle()

    def _end_when_idle(self) -> None:
        """Stop this process when it holds no job, or has held some for too long since it drains."""
        until = math.inf
        while not self._stop.wait(_LOOK_SECONDS):
            if not self._heartbeats.drained:
                continue
            until = min(until, time.monotonic() + self._settings.worker_recycle_seconds)
            if not self._heartbeats.running or time.monotonic() >= until:
                self._ending = True
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def _asked_to_drain(self, reason: str) -> bool:
        """Whether the record of this worker says now that it is to drain."""
        try:
            asked = self._leases.drain(self._worker, by="itself", reason=reason)
        except StorageError:
            return False
        if asked:
            _log.info("worker.recycled", extra={"worker": self._worker, "reason": reason})
        return asked


def _jittered(most: int) -> int:
    """Up to a tenth fewer: workers that started together do not end together."""
    return most - random.randint(0, most // 10)  # noqa: S311 - spreads, keeps no secret
