"""Runs the relay and the sweeper in a thread of each worker process."""

import logging
import random
import threading
from typing import Any

from dramatiq import Broker, Middleware

from jobs.engine import Engine
from jobs.policy import QUEUES
from jobs.relay import Relay
from jobs.states import ENDED
from jobs.sweeper import Sweeper
from middleware.broker import JobBroker
from middleware.doorbell import Doorbell
from storage.errors import StorageError

_log = logging.getLogger("keepsake.housekeeping")


class Housekeeping(Middleware):
    """Any number may run at once: each step is a compare-and-set or a ring, which is harmless.

    A thread, not a Dramatiq fork: nobody restarts a fork that died.
    """

    def __init__(self, engine: Engine, doorbell: Doorbell) -> None:
        self._engine = engine
        self._doorbell = doorbell
        self._sweeper = Sweeper(engine.records, engine.dead_letters)
        self._stop = threading.Event()

    def after_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Start the rounds."""
        if not isinstance(broker, JobBroker):
            raise TypeError("housekeeping needs a JobBroker")
        self._stop.clear()
        relay = Relay(self._engine.records, self._doorbell.ring, broker.depth, QUEUES)
        threading.Thread(target=self._run, args=(relay,), name="housekeeping", daemon=True).start()

    def before_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """End the rounds."""
        self._stop.set()

    def _run(self, relay: Relay) -> None:
        while not self._stop.wait(self._pause_seconds()):
            try:
                self.round(relay)
            except StorageError:
                _log.warning("housekeeping.storage_away")
            except Exception:  # noqa: BLE001 - the thread must outlive any fault
                _log.exception("housekeeping.failed")

    def round(self, relay: Relay) -> None:
        """One sweep, then one batch of rings."""
        for job in self._sweeper.run_once():
            _log.warning("sweeper.took_back", extra={"job_id": job.id, "state": job.state})
            if job.state not in ENDED:
                self._doorbell.ring(job)
                continue
            for waiting in self._engine.claims.waiting_behind(job):
                self._doorbell.ring(waiting)
        relay.run_once(self._engine.queues.look())

    def _pause_seconds(self) -> float:
        """Jitter keeps many processes from looking at the same moment."""
        return self._engine.settings.sweep_seconds * random.uniform(0.6, 1.0)  # noqa: S311
