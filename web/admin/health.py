"""`/healthz`, `/readyz`, `/metrics`: what load balancers and Prometheus ask."""

import asyncio
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from pydantic import BaseModel

from keepsake.jobs import Engine
from keepsake.storage import IndexUpkeep, StorageError, require_writes
from middleware.broker import Condition, JobBroker
from middleware.management import Management
from web.dependencies import Jobs
from web.edge.auth import Observer
from web.edge.body_limits import BoundedRoute
from web.edge.limits import SingleFlight
from web.openapi.declared import carries
from web.problems import after_outage

router = APIRouter(tags=["health"], route_class=BoundedRoute)
_FRESH_SECONDS = {"ready": 1.0, "degraded": 0.1, "not ready": 0.1}
"""For how long a state is told again; who waits for a start or a repair hears of it soon."""
Database = Literal["ok", "unavailable"]
Workers = Literal["ok", "none alive", "unknown"]
_COUNTED = {
    "ready": "Messages that wait for a worker",
    "unacked": "Messages that workers hold",
    "consumers": "Workers that consume",
}


class Readiness(BaseModel):
    """Each part that jobs need, by name.

    `degraded`: jobs are accepted, and wait for a part that is away or takes nothing.
    """

    status: Literal["ready", "degraded", "not ready"]
    mongodb: Database
    rabbitmq: Condition
    workers: Workers

    @property
    def parts(self) -> dict[str, str]:
        """The state of each part."""
        return self.model_dump(exclude={"status"})


class Probe:
    """Looks at each part once for all that ask, and while all is well at most once a second."""

    def __init__(self, engine: Engine, broker: JobBroker) -> None:
        self._engine = engine
        self._broker = broker
        self._shared = SingleFlight()
        self._looked_at = -math.inf
        self._known = _judged("unavailable", "unavailable", "unknown")

    async def readiness(self) -> Readiness:
        """What was seen last, if that is fresh."""
        if time.monotonic() - self._looked_at > _FRESH_SECONDS[self._known.status]:
            await self._shared.share(self._look)
        return self._known

    async def _look(self) -> None:
        (mongodb, workers), rabbitmq = await asyncio.gather(
            run_in_threadpool(self._storage), run_in_threadpool(self._broker.condition)
        )
        self._known = _judged(mongodb, rabbitmq, workers)
        self._looked_at = time.monotonic()

    def _storage(self) -> tuple[Database, Workers]:
        try:
            require_writes(self._engine.records.database)
            return "ok", "ok" if self._engine.leases.any_alive() else "none alive"
        except StorageError:
            return "unavailable", "unknown"


def _judged(mongodb: Database, rabbitmq: Condition, workers: Workers) -> Readiness:
    """A job is accepted when its record is durable, whatever else is away."""
    status: Literal["ready", "degraded", "not ready"] = "not ready"
    if mongodb == "ok":
        status = "ready" if rabbitmq == workers == "ok" else "degraded"
    return Readiness(status=status, mongodb=mongodb, rabbitmq=rabbitmq, workers=workers)


async def seen(request: Request) -> Readiness:
    """How ready this service was when it was last asked, a moment ago at most."""
    probe: Probe = request.app.state.probe
    return await probe.readiness()


Seen = Annotated[Readiness, Depends(seen)]


class Health(BaseModel):
    """This process answers."""

    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def healthz() -> Health:
    """Whether this process answers; its event loop does, since threads wait for others."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, **carries(503, "Retry-After")[503]}})
async def readyz(readiness: Seen, response: Response) -> Readiness:
    """Whether jobs are accepted: 503 when MongoDB takes no durable write.

    `degraded` is 200: jobs are accepted, and wait for RabbitMQ or for a worker.
    """
    if readiness.status == "not ready":
        response.status_code = 503
        response.headers["Retry-After"] = after_outage()
    return readiness


class _BrokerQueues(Collector):
    """Every queue of the virtual host as RabbitMQ counts it; none while it does not say."""

    def __init__(self, management: Management) -> None:
        self._management = management

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        queues = sorted(self._management.queues().items())
        for name, about in _COUNTED.items():
            gauge = GaugeMetricFamily(f"keepsake_rabbitmq_{name}", about, labels=["queue"])
            for queue, counted in queues:
                gauge.add_metric([queue], getattr(counted, name))
            yield gauge


class _Degraded(Collector):
    """What `/readyz` names, so that an alert needs no second source."""

    def __init__(self, seen: Readiness) -> None:
        self._seen = seen

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauge."""
        about = "Parts that keep jobs from being accepted or run: 1 while one does"
        gauge = GaugeMetricFamily("keepsake_degraded", about, labels=["part"])
        for part, state in self._seen.parts.items():
            gauge.add_metric([part], state != "ok")
        yield gauge


class _JobQueues(Collector):
    """Queues and divergence as MongoDB has them at the moment of the scrape."""

    def __init__(
        self, engine: Engine, upkeep: IndexUpkeep, uncounted: Sequence[Callable[[], int]]
    ) -> None:
        self._uncounted = uncounted
        self._timeline = engine.timeline
        self._queues = engine.types.queues
        self._upkeep = upkeep

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        waiting = GaugeMetricFamily("keepsake_jobs_waiting", "Jobs that wait", labels=["queue"])
        running = GaugeMetricFamily("keepsake_jobs_running", "Jobs that run", labels=["queue"])
        for name in self._queues:
            state = self._timeline.queue(name)
            waiting.add_metric([name], state.waiting)
            running.add_metric([name], state.running)
        differs = GaugeMetricFamily(
            "keepsake_divergence", "Records that differ from reality", labels=["kind"]
        )
        for kind, count in asdict(self._timeline.divergence()).items():
            differs.add_metric([kind], count)
        differs.add_metric(["indexes"], self._upkeep.amiss)
        differs.add_metric(["usage"], sum(count() for count in self._uncounted))
        yield from (waiting, running, differs)


@router.get(
    "/metrics",
    response_class=Response,
    response_description="Prometheus' text format",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request, _: Observer, jobs: Jobs, seen: Seen) -> Response:
    """Counters and histograms in Prometheus' text format; scrape with an operator's key."""
    shown = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(shown)  # type: ignore[no-untyped-call]
    else:
        shown.register(REGISTRY)
    shown.register(_Degraded(seen))
    state = request.app.state
    uncounted = [state.memory.usage.overdue, state.code_usage.overdue]
    shown.register(_JobQueues(jobs, state.upkeep, uncounted))
    shown.register(_BrokerQueues(request.app.state.management))
    return Response(generate_latest(shown), media_type=CONTENT_TYPE_LATEST)
