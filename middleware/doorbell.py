"""The doorbell: tells the workers that a job is due, and nothing else."""

import logging
from typing import Any

from dramatiq import Broker, Message

from jobs.job import Job
from middleware.errors import BrokerUnavailable

_log = logging.getLogger("keepsake.doorbell")


class Doorbell:
    """Publishes one message per ring; a message carries ids only, no user's text."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def ring(self, job: Job) -> bool:
        """Ring for a job; False when RabbitMQ did not confirm, and the relay will ring later."""
        try:
            self._broker.enqueue(message(job))
        except BrokerUnavailable:
            _log.warning("doorbell.unconfirmed", extra={"job_id": job.id})
            return False
        return True


def message(job: Job) -> Message[Any]:
    """The message that rings for a job."""
    return Message(
        queue_name=job.queue,
        actor_name=job.type,
        args=(),
        kwargs={"job_id": job.id, "lane": job.lane},
        options={"traceparent": job.trace} if job.trace else {},
        message_id=job.id,
    )
