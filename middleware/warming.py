"""Loads what the jobs of a worker's queues need, before it takes the first."""

import logging
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
        self._warms = settings.worker_warm_up

    def before_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Load the work of what is served, and have it load what it needs."""
        served = self._served(worker.consumer_whitelist)
        for job_type in served:
            loaded(job_type.work)
        if not self._warms:
            return
        began = time.monotonic()
        for warm_up in dict.fromkeys(each.warm_up for each in served if each.warm_up):
            try:
                loaded(warm_up)(self._resources)
            except Exception:  # noqa: BLE001 - a worker that is cold works
                _log.exception("worker.not_warm")
        _log.info("worker.warm", extra={"seconds": round(time.monotonic() - began, 2)})

    def _served(self, queues: set[str] | None) -> list[JobType[Any]]:
        """The types of some queues; None are all."""
        fronts = None if queues is None else {self._types.front(queue) for queue in queues}
        return [
            each for each in self._types.values() if fronts is None or each.queue.name in fronts
        ]
