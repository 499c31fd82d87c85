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

    def ring(self, job: Job, *, awaited: bool = True) -> bool:
        """Ring for a job; False when RabbitMQ did not confirm, and the relay will ring later.

        awaited: doorbells of later jobs of the lane may be used up, so the end of this job must
        ring for the next. Only for a job that was just accepted is that known not to be so.
        """
        try:
            self._broker.enqueue(message(job, awaited=awaited))
        except BrokerUnavailable:
            _log.warning("doorbell.unconfirmed", extra={"job_id": job.id})
            return False
        return True


def message(job: Job, *, awaited: bool = True) -> Message[Any]:
    """The message that rings for a job."""
    return Message(
        queue_name=job.queue,
        actor_name=job.type,
        args=(),
        kwargs=ring(job, awaited=awaited),
        options={"traceparent": job.trace} if job.trace else {},
        message_id=job.id,
    )


def ring(job: Job, *, awaited: bool) -> dict[str, Any]:
    """What a message says: ids, and the marks that are set."""
    marks = {name: True for name, is_so in (("awaited", awaited), ("wide", job.wide)) if is_so}
    return {"job_id": job.id, "lane": job.lane, **marks}
