"""The notifier: tells the workers that a job is due, and nothing else."""

import logging
from typing import Any

from dramatiq import Message

from keepsake.jobs.job import Job
from keepsake.jobs.policy import OVERFLOW
from middleware.broker import JobBroker
from middleware.errors import BrokerUnavailable

_log = logging.getLogger("keepsake.notifier")


class Notifier:
    """Publishes one message per ring; a message carries ids only, no user's text."""

    def __init__(self, broker: JobBroker) -> None:
        self._broker = broker

    def notify(self, job: Job, *, notify_next: bool = True, overflow: bool = False) -> bool:
        """Ring for a job; False when RabbitMQ did not confirm, and the relay will ring later.

        notify_next: doorbells of later jobs of the lane may be used up, so the end of this job must
        ring for the next. Only for a job that was just accepted is that known not to be so.
        overflow: behind what others wait for, since the job's owner has many unfinished ones.
        """
        try:
            self._broker.enqueue(message(job, notify_next=notify_next, overflow=overflow))
        except BrokerUnavailable:
            _unconfirmed(job)
            return False
        return True

    def notify_soon(self, job: Job, *, notify_next: bool = True, overflow: bool = False) -> None:
        """Ring for a job without waiting for RabbitMQ's confirm.

        The record is on disk, so nothing depends on it: if there is no confirm, the relay rings.
        """

        def settled(confirmed: bool) -> None:  # noqa: FBT001 - its one argument
            if not confirmed:
                _unconfirmed(job)

        self._broker.enqueue_soon(message(job, notify_next=notify_next, overflow=overflow), settled)


def _unconfirmed(job: Job) -> None:
    _log.warning("notifier.unconfirmed", extra={"job_id": job.id})


def message(job: Job, *, notify_next: bool = True, overflow: bool = False) -> Message[Any]:
    """The message that rings for a job; its queue may have no overflow."""
    in_overflow = OVERFLOW.get(job.queue) if overflow else None
    return Message(
        queue_name=in_overflow or job.queue,
        actor_name=overflowing(job.type) if in_overflow else job.type,
        args=(),
        kwargs=message_arguments(job, notify_next=notify_next),
        options={"traceparent": job.trace} if job.trace else {},
        message_id=job.id,
    )


def overflowing(job_type: str) -> str:
    """The actor of a type's messages in an overflow queue; it does the same, later."""
    return f"{job_type}.overflow"


def message_arguments(job: Job, *, notify_next: bool) -> dict[str, Any]:
    """What a message says: ids, and the marks that are set."""
    marks = {
        name: True
        for name, is_so in (("notify_next", notify_next), ("multi_lane", job.multi_lane))
        if is_so
    }
    return {"job_id": job.id, "lane": job.lane, **marks}
