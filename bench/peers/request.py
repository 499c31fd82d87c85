"""What the peers share: the request that they validate, Keepsake's own, and the broker.

`uvicorn bench.peers.request:app` is the framework alone: the request is validated and answered.
"""

import os
import socket
import time
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import Lifespan

from keepsake.launcher import LOOPBACK
from web import StrictIngest

Ingest = StrictIngest
PATH = "/ingest"


class Taken(BaseModel):
    """The answer: which task it became."""

    id: str


def application(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """An application with FastAPI's own settings."""
    return FastAPI(lifespan=lifespan)


def amqp_url() -> str:
    """The same RabbitMQ that Keepsake uses, as a user who may declare anything."""
    return os.environ["PEER_AMQP_URL"]


_LISTENER = os.environ.get("BENCH_STARTS")
_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def started(payload: dict[str, Any]) -> None:
    """Tell the benchmark that listens that a no-op has started, and when.

    The clock is the machine's (CLOCK_MONOTONIC), the same for all processes.
    """
    if _LISTENER is not None:
        message = f"{payload['n']} {time.perf_counter_ns()}".encode()
        _SOCKET.sendto(message, (LOOPBACK, int(_LISTENER)))


app = application()


@app.post(PATH, status_code=202)
async def ingest(_: Ingest) -> Taken:
    """Answer."""
    return Taken(id=uuid4().hex)
