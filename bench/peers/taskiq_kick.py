"""FastAPI with taskiq over RabbitMQ: durable messages, confirms on, quorum queue, late acks.

Web: `uvicorn bench.peers.taskiq_kick:app`; worker: `taskiq worker bench.peers.taskiq_kick:broker`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from taskiq_aio_pika import AioPikaBroker, Exchange, Queue

from bench.peers.request import PATH, Ingest, Taken, amqp_url, application, started

QUEUE = "peer.taskiq"
broker = AioPikaBroker(
    amqp_url(), exchange=Exchange(name="peer.taskiq"), task_queues=[Queue(name=QUEUE)]
)


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    await broker.startup()
    yield
    await broker.shutdown()


app = application(_lifespan)


@broker.task
async def nothing(payload: dict[str, Any]) -> None:
    """Do nothing."""
    started(payload)


@app.post(PATH, status_code=202)
async def ingest(body: Ingest) -> Taken:
    """Send, and wait for the confirm."""
    return Taken(id=(await nothing.kiq(body.model_dump())).task_id)
