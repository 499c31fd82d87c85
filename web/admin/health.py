"""`/healthz` and `/readyz`: what load balancers ask."""

import asyncio
import math
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from keepsake.jobs import Engine
from keepsake.storage import (
    StorageError,
    answered_within,
    refuse_half_restored,
    require_writes,
)
from middleware.broker import Condition, JobBroker
from web.edge.body_limits import BoundedRoute
from web.edge.limits import SingleFlight
from web.openapi.declared import carries
from web.problems import after_outage

router = APIRouter(tags=["health"], route_class=BoundedRoute)
_FRESH_SECONDS = {"ready": 1.0, "degraded": 0.1, "not ready": 0.1}
"""For how long a state is told again; who waits for a start or a repair hears of it soon."""
_STORAGE_SECONDS = 2.0
Database = Literal["ok", "unavailable"]
Workers = Literal["ok", "none alive", "unknown"]


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
            with answered_within(_STORAGE_SECONDS):
                refuse_half_restored(self._engine.records.database)
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
