"""Dramatiq's consumer of a queue, which tells RabbitMQ of several ended messages at once."""

import logging
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any

import pika
from dramatiq.brokers.rabbitmq import _RabbitmqConsumer
from dramatiq.errors import ConnectionClosed

_log = logging.getLogger("keepsake.consumer")
_TRACE, _MARKS = "traceparent", ("notify_next", "multi_lane", "early")
_MOST_CHARACTERS = 200
_GATHER_SECONDS = 0.01
"""How long an acknowledgement waits for others. Nothing waits for it: the record is what counts."""
_SILENT_SECONDS = 15.0


class Settled:
    """Which delivery tags of a channel are settled: all below the lowest that is not, and some."""

    def __init__(self) -> None:
        self._open = 1
        self._beyond: set[int] = set()

    def add(self, tag: int) -> None:
        """Note a message that was settled by itself."""
        self._beyond.add(tag)
        self._advance()

    def acks(self, tags: list[int]) -> list[tuple[int, bool]]:
        """The acknowledgements that settle these messages: tags, and whether all up to them."""
        before = self._open
        self._beyond.update(tags)
        self._advance()
        low = [tag for tag in tags if before <= tag < self._open]
        return [
            *([(max(low), len(low) > 1)] if low else []),
            *((tag, False) for tag in tags if tag > self._open),
        ]

    def _advance(self) -> None:
        while self._open in self._beyond:
            self._beyond.remove(self._open)
            self._open += 1


def is_notification(message: Any, queue: str) -> bool:
    """Whether a message has the shape of those that Keepsake publishes; it loses others' options.

    What else there may be, of another version's, is passed over. A message of another shape would
    fail in threads that serve all messages.
    """
    said, options = message.kwargs, message.options
    if not (isinstance(said, dict) and isinstance(options, dict)):
        return False
    for name in options.keys() - {_TRACE}:
        del options[name]
    ids = (message.message_id, message.actor_name, said.get("job_id"), said.get("lane"))
    return (
        message.queue_name == queue
        and not message.args
        and all(isinstance(each, str) and 0 < len(each) <= _MOST_CHARACTERS for each in ids)
        and all(isinstance(said.get(mark, False), bool) for mark in _MARKS)
        and isinstance(options.get(_TRACE, ""), str)
    )


class JobConsumer(_RabbitmqConsumer):
    """Rounds of jobs end together, and an acknowledgement for each costs as much as for all.

    RabbitMQ does not tell a consumer whose queue was deleted and at once declared anew. So one that
    holds nothing and has heard nothing for a while subscribes again; at a queue that is gone that
    fails, and Dramatiq declares it.
    """

    def __init__(self, broker: Any, queue_name: str, prefetch: int, timeout: int) -> None:
        held = broker.held(queue_name, prefetch)
        super().__init__(broker, queue_name, held, timeout)  # type: ignore[no-untyped-call]
        self._inactivity_seconds = timeout / 1000
        self.iterator = self._subscribed()  # Dramatiq's has not begun, and is left
        self._heard_at = time.monotonic()
        self._settled = Settled()
        self._left = False
        self._lock = threading.Lock()
        self._ended: list[int] = []

    def __next__(self) -> Any:
        """The next message; None when none has come for a moment, or the worker is drained.

        Raises:
            ConnectionClosed: The connection or the queue is gone.
        """
        if self.broker.draining:
            return self._idle()
        message = super().__next__()  # type: ignore[no-untyped-call]
        if message is not None and not is_notification(message, self.queue_name):
            _log.warning("message.malformed", extra={"queue": self.queue_name})
            self.nack(message)  # type: ignore[no-untyped-call]
            message = None
        if message is not None:
            self.broker.delivered(message)
        if message is not None or self.known_tags:
            self._heard_at = time.monotonic()
        elif time.monotonic() - self._heard_at > _SILENT_SECONDS:
            self._subscribe_again()
        return message

    def _idle(self) -> None:
        """Take no messages, give back those that wait here, and acknowledge what ends."""
        try:
            if not self._left:
                self._left = True
                self.channel.cancel()
            self.connection.process_data_events(self._inactivity_seconds)
        except (pika.exceptions.AMQPConnectionError, pika.exceptions.AMQPChannelError) as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]

    def _subscribe_again(self) -> None:
        """Messages that come meanwhile go back, and their tags are never settled: begin anew."""
        self._heard_at = time.monotonic()
        try:
            if self.channel.cancel():
                raise ConnectionClosed("messages came")  # type: ignore[no-untyped-call]
            self.iterator = self._subscribed()
        except (pika.exceptions.AMQPConnectionError, pika.exceptions.AMQPChannelError) as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]

    def _subscribed(self) -> Any:
        """Messages as they come, under a tag that the management console shows."""
        return self.channel.consume(
            self.queue_name,
            inactivity_timeout=self._inactivity_seconds,
            consumer_tag=self.broker.consumer_tag(self.queue_name),
        )

    def ack(self, message: Any) -> None:
        """Acknowledge a message soon, with those that end meanwhile.

        Raises:
            ConnectionClosed: RabbitMQ will deliver it again; a needless notification is harmless.
        """
        self.known_tags.discard(message._tag)  # noqa: SLF001 - as in Dramatiq's own consumer
        with self._lock:
            first = not self._ended
            self._ended.append(message._tag)  # noqa: SLF001
        if first:
            self._soon(self._ack_shortly)

    def close(self) -> None:
        """Acknowledge what has ended, then close the connection."""
        with suppress(ConnectionClosed):
            self._soon(self._ack_ended)
        super().close()  # type: ignore[no-untyped-call]

    def _nack(self, tag: int) -> None:
        self._soon(partial(self._reject, tag))

    def _soon(self, step: Any) -> None:
        """Have the thread of the connection do something."""
        try:
            self.connection.add_callback_threadsafe(step)
        except (pika.exceptions.AMQPConnectionError, pika.exceptions.AMQPChannelError) as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]

    def _ack_shortly(self) -> None:
        self.connection.call_later(_GATHER_SECONDS, self._ack_ended)

    def _ack_ended(self) -> None:
        with self._lock:
            tags, self._ended = self._ended, []
        for tag, multiple in self._settled.acks(tags):
            # The blocking channel would flush each; the connection's loop writes them together.
            self.channel._impl.basic_ack(tag, multiple)  # noqa: SLF001

    def _reject(self, tag: int) -> None:
        self.channel.basic_nack(tag, requeue=False)
        self._settled.add(tag)
