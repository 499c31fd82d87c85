"""Loads what the jobs of a worker's queues need, before it takes the first."""

import logging
import threading
import time
from typing import Any

from dramatiq import Broker, Middleware

from keepsake.jobs import JobType, Registry, Resources, loaded
from middleware.worker_settings import WorkerSettings

_log = logging.getLogger("keepsake.workers")


class WarmStart(Middleware):
    """Nothing is consumed meanwhile, so jobs go to workers that are warm.

    What fails is logged, and left to the first job that needs it.
    """

    def __init__(self, types: Registry, resources: Resources, settings: WorkerSettings) -> None:
        self._types = types
        self._resources = resources
        self._when = settings.worker_warm_up
        self._served: list[JobType[Any]] = []

    def before_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Load the work of what is served, and have it load what it needs."""
        queues = worker.consumer_whitelist or self._types.consumed
        fronts = {self._types.front(queue) for queue in queues}
        self._served = [each for each in self._types.values() if each.queue.name in fronts]
        for job_type in self._served:
            loaded(job_type.work)
        if self._when == "before":
            self.warm_up()

    def after_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Do so beside the first jobs, if that is wanted."""
        if self._when == "beside":
            threading.Thread(target=self.warm_up, name="warming", daemon=True).start()

    def warm_up(self) -> None:
        """Have each type that is served load what it needs; those that share that, once."""
        began = time.monotonic()
        for warm_up in dict.fromkeys(each.warm_up for each in self._served if each.warm_up):
            try:
                loaded(warm_up)(self._resources)
            except Exception:  # noqa: BLE001 - a worker that is cold works
                _log.exception("worker.not_warm")
        _log.info("worker.warm", extra={"seconds": round(time.monotonic() - began, 2)})
