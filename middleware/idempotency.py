"""Sees every message before it is published: none goes out without a record."""

from typing import Any

from dramatiq import Broker, Message, Middleware

from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import JobError
from keepsake.jobs.job import NewJob
from keepsake.storage.errors import StorageError
from middleware.errors import RecordUnavailable, Undeliverable
from middleware.notifier import message_arguments


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
