"""The thread of a worker process that says how it is."""

import logging
import os
import threading
import time
from collections import Counter
from typing import Any

from dramatiq import Broker

from middleware.guards import Heartbeats, resident_bytes
from middleware.health import Phase, Pipe, WorkerHealth
from middleware.running import AttemptMiddleware, Run

_log = logging.getLogger("keepsake.workers")
_SECONDS = 1.0


class HealthReports(AttemptMiddleware):
    """One thread of a worker process, from its start to its end. MongoDB is not asked."""

    def __init__(self, heartbeats: Heartbeats, silence_seconds: float) -> None:
        self._heartbeats, self._silence_seconds = heartbeats, silence_seconds
        self._worker: Any = None
        self._stopping = False
        self._claimed_at: float | None = None

    def after_process_boot(self, broker: Broker) -> None:
        """Begin, if somebody listens."""
        if Pipe.writing is not None:
            target = self._report
            threading.Thread(
                target=target, args=(Pipe.writing,), name="health", daemon=True
            ).start()

    def after_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Look at the worker's threads from now on."""
        self._worker = worker

    def before_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """They end now."""
        self._stopping = True

    def started(self, run: Run) -> None:
        """Note the claim."""
        self._claimed_at = run.attempt.claim.asked_at

    def health(self) -> WorkerHealth:
        """How this process is now."""
        pid, memory = os.getpid(), resident_bytes()
        if self._worker is None:
            return WorkerHealth(pid, memory_bytes=memory)
        silent = self._heartbeats.silent_seconds
        return WorkerHealth(
            pid=pid,
            phase=self._phase(),
            threads=len(self._worker.workers),
            gone={} if self._stopping else self._gone(),
            renews=self._stopping or self._heartbeats.renews,
            heartbeat_age_seconds=None if silent is None else round(silent, 1),
            heartbeat_fresh=silent is not None and silent < self._silence_seconds,
            claim_age_seconds=self._claim_age(),
            running=self._heartbeats.running,
            memory_bytes=memory,
        )

    def _phase(self) -> Phase:
        if self._stopping:
            return "stopping"
        return "draining" if self._heartbeats.drained else "serving"

    def _gone(self) -> dict[str, int]:
        threads = [*self._worker.workers, *self._worker.consumers.values()]
        return dict(Counter(type(each).__name__ for each in threads if not each.is_alive()))

    def _claim_age(self) -> float | None:
        at = self._claimed_at
        return None if at is None else round(time.monotonic() - at, 1)

    def _report(self, pipe: int) -> None:
        """Write until nobody reads; a line that finds no room is of no use later."""
        pause = threading.Event()
        os.set_blocking(pipe, False)
        while True:
            try:
                os.write(pipe, self.health().line())
            except BlockingIOError:
                _log.warning("health.unread")
            except OSError:
                return
            pause.wait(_SECONDS)
