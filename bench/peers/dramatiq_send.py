"""FastAPI with plain Dramatiq: `send()` with confirms, and no record of the job.

Web: `uvicorn bench.peers.dramatiq_send:app`; worker: `dramatiq bench.peers.dramatiq_send`.
"""

from typing import Any

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from bench.peers.request import PATH, Ingest, Taken, amqp_url, application, started

broker = RabbitmqBroker(url=amqp_url(), confirm_delivery=True)
dramatiq.set_broker(broker)
app = application()


@dramatiq.actor(queue_name="peer.dramatiq")
def nothing(payload: dict[str, Any]) -> None:
    """Do nothing."""
    started(payload)


@app.post(PATH, status_code=202)
def ingest(body: Ingest) -> Taken:
    """Send; `send()` blocks, so this runs in FastAPI's thread pool."""
    return Taken(id=nothing.send(body.model_dump()).message_id)
