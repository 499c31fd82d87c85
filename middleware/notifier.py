"""Messages: notifications of jobs that are due, and the check that each one has a record."""

import logging
from collections.abc import Callable
from typing import Any

from dramatiq import Broker, Message, Middleware
from dramatiq.broker import MessageProxy

from keepsake.jobs import Engine, Job, JobError, NewJob, Registry
from keepsake.storage import StorageError
from middleware.broker import BrokerUnavailable, JobBroker, RecordUnavailable, Undeliverable

_log = logging.getLogger("keepsake.notifier")


class Notifier:
    """Publishes one message per notification; it carries ids only, no user's text.

    notify_next: notifications of later jobs of the lane may be used up, so the end of this job must
    notify for the next. Only for a job that was just accepted is that known not to be so.
    overflow: into the overflow queue, if there is one, since the owner has many unfinished jobs;
    what is bulk goes there in any case.
    """

    def __init__(self, broker: JobBroker, types: Registry) -> None:
        self._broker = broker
        self._overflow = types.overflow

    def notify(self, job: Job, *, notify_next: bool = True, overflow: bool = False) -> bool:
        """Notify of a job; False when RabbitMQ did not confirm, and the relay will do it later."""
        try:
            self._broker.enqueue(self._message(job, notify_next=notify_next, overflow=overflow))
        except BrokerUnavailable:
            _unconfirmed(job)
            return False
        return True

    def notify_soon(
        self,
        job: Job,
        *,
        notify_next: bool = True,
        overflow: bool = False,
        early: bool = False,
        settled: Callable[[bool], None] | None = None,
    ) -> None:
        """Notify of a job without waiting for RabbitMQ's confirm; `settled` hears of that.

        Nothing depends on it: the relay does later what is not confirmed. early: the job is being
        recorded; otherwise its record is on disk.
        """

        def answered(confirmed: bool) -> None:  # noqa: FBT001 - its one argument
            if not confirmed:
                _unconfirmed(job)
            if settled is not None:
                settled(confirmed)

        message = self._message(job, notify_next=notify_next, overflow=overflow, early=early)
        self._broker.publish(message, answered)

    def repeat(self, message: MessageProxy) -> None:
        """Publish a notification that came once more, for another worker."""
        self._broker.publish(message.copy(), lambda _confirmed: None)

    def _message(
        self, job: Job, *, notify_next: bool, overflow: bool, early: bool = False
    ) -> Message[Any]:
        queue = self._overflow.get(job.queue) if overflow or job.bulk else None
        return Message(
            queue_name=queue or job.queue,
            actor_name=overflow_actor(job.type) if queue else job.type,
            args=(),
            kwargs=message_arguments(job, notify_next=notify_next, early=early),
            options={"traceparent": job.trace} if job.trace else {},
            message_id=job.id,
        )


def _unconfirmed(job: Job) -> None:
    _log.warning("notifier.unconfirmed", extra={"job_id": job.id})


def overflow_actor(job_type: str) -> str:
    """The actor of a type's messages in an overflow queue; it does the same, later."""
    return f"{job_type}.overflow"


def message_arguments(job: Job, *, notify_next: bool, early: bool = False) -> dict[str, Any]:
    """What a message says: ids, and the marks that are set.

    early: it may overtake the record, and is repeated once that is there; not for several lanes.
    """
    marks = {"notify_next": notify_next, "multi_lane": job.multi_lane,
             "early": early and not job.multi_lane}  # fmt: skip
    return {"job_id": job.id, "lane": job.lane, **{name: True for name in marks if marks[name]}}


class Idempotency(Middleware):
    """Records the job of a bare `actor.send(owner=…, payload=…)`, or joins the one that is there.

    The message keeps the job's id only: the payload never passes through the broker. A message
    that notifies of a recorded job passes untouched.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def before_enqueue(self, broker: Broker, message: Message[Any], delay: int | None) -> None:
        """Make sure that the message has a record.

        Raises:
            Undeliverable: It names neither a job nor an owner and a payload.
            RecordUnavailable: MongoDB does not answer.
        """
        if "job_id" in message.kwargs:
            return
        try:
            accepted = self._engine.acceptance.accept(self._asked(message))
        except StorageError as error:
            raise RecordUnavailable("the job cannot be recorded") from error
        except JobError as error:
            raise Undeliverable(str(error)) from error
        message.kwargs.clear()
        message.kwargs.update(message_arguments(accepted.job, notify_next=False))

    def _asked(self, message: Message[Any]) -> NewJob:
        how = f"send {message.actor_name} with owner=… and payload=…, optionally key=… and lane=…"
        if message.actor_name not in self._engine.types:
            raise Undeliverable(how)
        try:
            return NewJob(type=message.actor_name, **message.kwargs)
        except TypeError as error:
            raise Undeliverable(how) from error
