"""`/metrics`: what Prometheus scrapes. It is answered while MongoDB and RabbitMQ are away."""

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.datastructures import State

from keepsake.jobs import Engine, LastLook, RollUp
from keepsake.storage import StorageError, answered_within
from web.admin import gauges
from web.admin.gauges import Gauges
from web.admin.health import Readiness, Seen
from web.edge.auth import ObserverInOutages
from web.edge.body_limits import BoundedRoute

router = APIRouter(tags=["health"], route_class=BoundedRoute)
_FRESH_SECONDS = 5.0
_LATE_SECONDS = 7.0
"""Workers look every five seconds while that is quick."""
_READ_SECONDS, _LOOK_SECONDS = 2.0, 5.0
_log = logging.getLogger("keepsake.metrics")


@dataclass(frozen=True, slots=True)
class Figures:
    """What MongoDB has for a scrape. uncounted: owners' usages that are counted late."""

    look: LastLook
    uncounted: int


class SharedFigures:
    """Reads what a scrape shows of MongoDB, at most once in five seconds.

    What is read was counted by the roll-up: its row, and an index for each of `uncounted`. Where no
    worker looks, this process does, by its turn. So the figures are there without workers too.
    """

    def __init__(self, engine: Engine, uncounted: Sequence[Callable[[], int]]) -> None:
        self._timeline = engine.timeline
        self._roll_up = RollUp(engine.records)
        self._uncounted = uncounted
        self._lock = threading.Lock()
        self._known: Figures | None = None
        self._read_at = -math.inf

    def read(self) -> Figures | None:
        """What MongoDB has; None when it does not answer in time."""
        with self._lock:
            if time.monotonic() - self._read_at > _FRESH_SECONDS:
                self._known = self._read_anew()
                self._read_at = time.monotonic()
            return self._known

    def _read_anew(self) -> Figures | None:
        try:
            look = self._last_look()
            if look is None or look.age_seconds > _LATE_SECONDS:
                self._take_turn()
                look = self._last_look()
            if look is None:
                return None
            with answered_within(_READ_SECONDS):
                return Figures(look, sum(count() for count in self._uncounted))
        except StorageError as error:
            _log.warning("metrics.unread", extra={"error": type(error).__name__})
            return None

    def _last_look(self) -> LastLook | None:
        with answered_within(_READ_SECONDS):
            return self._timeline.last_look()

    def _take_turn(self) -> None:
        """Look, if nobody else does; what takes long is left to workers."""
        try:
            with answered_within(_LOOK_SECONDS):
                self._roll_up.run_once()
        except StorageError as error:
            _log.warning("metrics.unseen", extra={"error": type(error).__name__})


def _read_now(state: State, seen: Readiness) -> Iterator[GaugeMetricFamily]:
    """What is read for this scrape, and which sources did not say."""
    yield gauges.of_parts(seen.parts)
    figures = state.figures.read() if seen.mongodb == "ok" else None
    yield gauges.of_source("mongodb", up=figures is not None)
    divergence = {"indexes": state.upkeep.amiss}
    if figures is not None:
        divergence |= {**figures.look.divergence, "usage": figures.uncounted}
        yield from gauges.of_jobs(figures.look, state.settings.backlog_limit)
    yield gauges.of_divergence(divergence)
    if state.management.configured:
        queues = state.management.queues()
        yield gauges.of_source("management", up=bool(queues))
        yield from gauges.of_broker(queues)


@router.get(
    "/metrics",
    response_class=Response,
    response_description="Prometheus' text format",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request, observer: ObserverInOutages, seen: Seen) -> Response:
    """Counters, histograms and gauges in Prometheus' text format; scrape with an operator's key.

    While MongoDB or RabbitMQ is away, what is read from it is absent (`keepsake_mongodb_up` is 0).
    A process that never saw the key then shows what `/readyz` tells everybody.
    """
    shown = CollectorRegistry()
    if observer is None:
        shown.register(Gauges(_of_anybody(seen)))
    else:
        _register(shown, _read_now(request.app.state, seen))
    return Response(generate_latest(shown), media_type=CONTENT_TYPE_LATEST)


def _of_anybody(seen: Readiness) -> Iterator[GaugeMetricFamily]:
    """What may be told to one of whom nobody knows whether it is an operator."""
    yield gauges.of_parts(seen.parts)
    yield gauges.of_source("mongodb", up=False)


def _register(shown: CollectorRegistry, read: Iterator[GaugeMetricFamily]) -> None:
    """Show what the processes counted, and what was read."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(shown)  # type: ignore[no-untyped-call]
    else:
        shown.register(REGISTRY)
    shown.register(Gauges(read))
