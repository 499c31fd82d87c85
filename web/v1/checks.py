"""`/auth/verify-key` and `/health`: what XMem's clients ask before they begin, in the envelope."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

import keepsake
from web.admin.health import Readiness, seen
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.edge.replies import Envelope
from web.openapi.declared import carries
from web.problems import after_outage

router = APIRouter(tags=["checks (v1)"], route_class=BoundedRoute)
_STARTED = time.monotonic()


@router.get("/auth/verify-key")
async def verify_key(request: Request, caller: Caller) -> Envelope:
    """Whose key this is: any good key may ask. XMem's `username` is our owner."""
    who = {"id": caller.owner, "username": caller.owner, "name": caller.owner}
    return Envelope.of(request, data=who)


@router.get("/health", responses={503: {"model": Envelope, **carries(503, "Retry-After")[503]}})
async def health(
    request: Request, response: Response, readiness: Annotated[Readiness, Depends(seen)]
) -> Envelope:
    """Whether turns are accepted, in XMem's words: `ready`, else `error` and 503."""
    ready = readiness.status != "not ready"
    data: dict[str, Any] = {
        "status": "ready" if ready else "error",
        "pipelines_ready": ready,
        "version": keepsake.__version__,
        "uptime_seconds": round(time.monotonic() - _STARTED, 1),
        "error": None if ready else "MongoDB takes no durable write.",
    }
    if ready:
        return Envelope.of(request, data=data)
    response.status_code = 503
    response.headers["Retry-After"] = after_outage()
    return Envelope.of(request, status="error", data=data, error=data["error"])
