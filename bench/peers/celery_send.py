"""FastAPI with Celery over RabbitMQ: confirms on, tasks acknowledged late, no result backend.

Web: `uvicorn bench.peers.celery_send:app`; worker: `celery -A bench.peers.celery_send:tasks
worker`.
"""

from typing import Any

from celery import Celery

from bench.peers.request import PATH, Ingest, Taken, amqp_url, application, started

tasks = Celery("peer", broker=amqp_url())
tasks.conf.update(
    broker_transport_options={"confirm_publish": True},
    broker_pool_limit=40,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue="peer.celery",
    task_ignore_result=True,
)
app = application()


@tasks.task
def nothing(payload: dict[str, Any]) -> None:
    """Do nothing."""
    started(payload)


@app.post(PATH, status_code=202)
def ingest(body: Ingest) -> Taken:
    """Send; `delay()` blocks, so this runs in FastAPI's thread pool."""
    return Taken(id=str(nothing.delay(body.model_dump()).id))
