"""FastAPI with plain Dramatiq, Celery and taskiq over RabbitMQ; none keeps a record of the job.

Web: `uvicorn bench.peers.senders:dramatiq_app` (or `celery_app`, `taskiq_app`). Workers:
`dramatiq bench.peers.senders`, `celery -A bench.peers.senders:celery worker` and
`taskiq worker bench.peers.senders:taskiq`. Each connects when it first sends or works.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import dramatiq
from celery import Celery
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from fastapi import FastAPI
from taskiq_aio_pika import AioPikaBroker, Exchange, Queue

from bench.peers.request import PATH, Ingest, Taken, amqp_url, application, started

DRAMATIQ_QUEUE, CELERY_QUEUE, TASKIQ_QUEUE = "peer.dramatiq", "peer.celery", "peer.taskiq"

# Dramatiq: `send()` with confirms, a durable classic queue.
dramatiq.set_broker(RabbitmqBroker(url=amqp_url(), confirm_delivery=True))
dramatiq_app = application()


@dramatiq.actor(queue_name=DRAMATIQ_QUEUE)
def dramatiq_nothing(payload: dict[str, Any]) -> None:
    """Do nothing."""
    started(payload)


@dramatiq_app.post(PATH, status_code=202)
def dramatiq_ingest(body: Ingest) -> Taken:
    """Send; `send()` blocks, so this runs in FastAPI's thread pool."""
    return Taken(id=dramatiq_nothing.send(body.model_dump()).message_id)


# Celery: confirms on, tasks acknowledged late, no result backend.
celery = Celery("peer", broker=amqp_url())
celery.conf.update(
    broker_transport_options={"confirm_publish": True},
    broker_pool_limit=40,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue=CELERY_QUEUE,
    task_ignore_result=True,
)
celery_app = application()


@celery.task
def celery_nothing(payload: dict[str, Any]) -> None:
    """Do nothing."""
    started(payload)


@celery_app.post(PATH, status_code=202)
def celery_ingest(body: Ingest) -> Taken:
    """Send; `delay()` blocks, so this runs in FastAPI's thread pool."""
    return Taken(id=str(celery_nothing.delay(body.model_dump()).id))


# Taskiq: durable messages, confirms on, its default quorum queue, late acknowledgements.
taskiq = AioPikaBroker(
    amqp_url(), exchange=Exchange(name=TASKIQ_QUEUE), task_queues=[Queue(name=TASKIQ_QUEUE)]
)


@asynccontextmanager
async def _connected(_: FastAPI) -> AsyncIterator[None]:
    await taskiq.startup()
    yield
    await taskiq.shutdown()


taskiq_app = application(_connected)


@taskiq.task
async def taskiq_nothing(payload: dict[str, Any]) -> None:
    """Do nothing."""
    started(payload)


@taskiq_app.post(PATH, status_code=202)
async def taskiq_ingest(body: Ingest) -> Taken:
    """Send, and wait for the confirm."""
    return Taken(id=(await taskiq_nothing.kiq(body.model_dump())).task_id)
