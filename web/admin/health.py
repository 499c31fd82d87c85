"""`/healthz`: this process lives. `/readyz`: what it needs is there, part by part."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from jobs.policy import QUEUES
from middleware.stack import Stack
from storage.errors import StorageError
from web.dependencies import Jobs
from web.openapi.declared import carries
from web.pacing import after_outage
from web.problems import KINDS

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """This process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Each part that jobs need, by name."""

    status: Literal["ready", "not ready"]
    mongodb: Literal["ok", "unavailable"]
    rabbitmq: Literal["ok", "unavailable"]
    workers: Literal["ok", "none alive", "unknown"]


@router.get("/problems", response_description="How to mend each kind")
async def problems() -> dict[str, str]:
    """Every kind of problem that this service answers with, and how to mend it."""
    return KINDS


@router.get("/healthz")
async def healthz() -> Health:
    """Whether this process answers; its event loop does, since threads wait for others."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, **carries(503, "Retry-After")[503]}})
def readyz(request: Request, jobs: Jobs, response: Response) -> Readiness:
    """Whether jobs are accepted and run: MongoDB, RabbitMQ and at least one live worker."""
    stack: Stack = request.app.state.stack
    rabbitmq = stack.broker.depth(QUEUES[0]) is not None
    try:
        workers: Literal["ok", "none alive", "unknown"]
        workers = "ok" if jobs.leases.any_alive() else "none alive"
    except StorageError:
        workers = "unknown"
    mongodb = workers != "unknown"
    ready = rabbitmq and workers == "ok"
    if not ready:
        response.status_code = 503
        response.headers["Retry-After"] = after_outage()
    return Readiness(
        status="ready" if ready else "not ready",
        mongodb="ok" if mongodb else "unavailable",
        rabbitmq="ok" if rabbitmq else "unavailable",
        workers=workers,
    )
