"""XMem's envelope: the five keys around every answer of `/v1/memory`."""

import time
from typing import Any
from uuid import uuid4

from fastapi import Request
from pydantic import BaseModel, Field


class Envelope(BaseModel):
    """XMem's answer to everything."""

    status: str = Field(default="ok", pattern="^(ok|error)$")
    request_id: str
    data: Any = None
    error: str | None = None
    elapsed_ms: float


def success(request: Request, data: Any) -> Envelope:
    """What a route answers."""
    return Envelope(data=data, **_about(request))


def failure(request: Request, reason: str) -> Envelope:
    """What a client gets instead."""
    return Envelope(status="error", error=reason, **_about(request))


def _about(request: Request) -> dict[str, Any]:
    """The request's id, as in `X-Request-ID`, and how long it has taken."""
    now = time.perf_counter()
    began = getattr(request.state, "began", now)
    request_id = getattr(request.state, "request_id", None) or uuid4().hex
    return {"request_id": request_id, "elapsed_ms": round((now - began) * 1000, 2)}
