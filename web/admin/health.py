"""`/healthz`: this process lives. `/readyz`: jobs are accepted; which part keeps them waiting."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from web.admin.readiness import Readiness, Seen
from web.bounds.route import BoundedRoute
from web.openapi.declared import carries
from web.problems import KINDS
from web.retry_after import after_outage

router = APIRouter(tags=["health"], route_class=BoundedRoute)


class Health(BaseModel):
    """This process answers."""

    status: Literal["ok"] = "ok"


@router.get("/problems", response_description="How to mend each kind")
async def problems() -> dict[str, str]:
    """Every kind of problem that this service answers with, and how to mend it."""
    return KINDS


@router.get("/healthz")
async def healthz() -> Health:
    """Whether this process answers; its event loop does, since threads wait for others."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, **carries(503, "Retry-After")[503]}})
async def readyz(seen: Seen, response: Response) -> Readiness:
    """Whether jobs are accepted: 503 when MongoDB takes no durable write.

    `degraded` is 200: jobs are accepted, and wait for RabbitMQ or for a worker.
    """
    if seen.status == "not ready":
        response.status_code = 503
        response.headers["Retry-After"] = after_outage()
    return seen
