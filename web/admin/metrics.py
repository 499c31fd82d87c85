"""`/metrics`: requests of this process and the state of the queues, for Prometheus."""

import os
from collections.abc import Iterator
from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from keepsake.jobs.engine import Engine
from keepsake.jobs.policy import QUEUES
from keepsake.storage.upkeep import Upkeep
from middleware.management import Management
from web.admin.health import Readiness, Seen
from web.dependencies import Jobs
from web.edge.auth import Observer
from web.edge.body_limits import BoundedRoute

router = APIRouter(tags=["health"], route_class=BoundedRoute)
_COUNTED = {
    "ready": "Messages that wait for a worker",
    "unacked": "Messages that workers hold",
    "consumers": "Workers that consume",
}


class _Broker(Collector):
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


class _Queues(Collector):
    """Queues and divergence as MongoDB has them at the moment of the scrape."""

    def __init__(self, engine: Engine, upkeep: Upkeep) -> None:
        self._overview = engine.overview
        self._upkeep = upkeep

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        waiting = GaugeMetricFamily("keepsake_jobs_waiting", "Jobs that wait", labels=["queue"])
        running = GaugeMetricFamily("keepsake_jobs_running", "Jobs that run", labels=["queue"])
        for name in QUEUES:
            state = self._overview.queue(name)
            waiting.add_metric([name], state.waiting)
            running.add_metric([name], state.running)
        differs = GaugeMetricFamily(
            "keepsake_divergence", "Records that differ from reality", labels=["kind"]
        )
        for kind, count in asdict(self._overview.divergence(QUEUES)).items():
            differs.add_metric([kind], count)
        differs.add_metric(["indexes"], self._upkeep.amiss)
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
    shown.register(_Queues(jobs, request.app.state.upkeep))
    shown.register(_Broker(request.app.state.management))
    return Response(generate_latest(shown), media_type=CONTENT_TYPE_LATEST)
