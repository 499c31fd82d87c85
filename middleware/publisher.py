"""One connection for all that a process publishes: many messages in flight, shared confirms.

A confirm costs RabbitMQ a write to disk, and one `Basic.Ack(multiple)` may confirm hundreds. Nobody
waits to gather them: what is published while RabbitMQ is busy shares its next write, and a lone
message goes out at once.
"""

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pika
from dramatiq import Message

_log = logging.getLogger("keepsake.publisher")
_LARGEST = 10_000
"""Messages that may wait for their confirms."""
_TRIES = 2
APP_ID = "keepsake"


@dataclass(slots=True)
class Publication:
    """A message on its way.

    settled: called once, with whether RabbitMQ confirmed; if not, it may still have the message.
    mandatory: whether its queue has to be there; else RabbitMQ confirms, and drops it.
    """

    queue: str
    body: bytes
    properties: pika.BasicProperties
    settled: Callable[[bool], None]
    mandatory: bool = True
    tries_left: int = _TRIES
    sent_at: float = 0


def publication_of(message: Message[Any], settled: Callable[[bool], None]) -> Publication:
    """A message with the properties that the management console shows."""
    trace = message.options.get("traceparent")
    properties = pika.BasicProperties(
        delivery_mode=2,
        message_id=message.message_id,
        type=message.actor_name,
        timestamp=int(time.time()),
        app_id=APP_ID,
        content_type="application/json",
        headers={"traceparent": trace} if trace else None,
    )
    return Publication(message.queue_name, message.encode(), properties, settled)


class Publisher:
    """A thread that owns the connection. It connects when there is something to publish.

    nodes: of the cluster, tried in this order.
    """

    def __init__(
        self,
        nodes: Sequence[pika.ConnectionParameters],
        declare: Callable[[Any], None],
        timeout_seconds: float,
    ) -> None:
        self._nodes = nodes
        self._node = self._refusals = 0
        self._declare = declare
        self._timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._waiting: deque[Publication] = deque()
        self._in_flight: dict[int, Publication] = {}
        self._returned: set[str] = set()
        self._tag = 0
        self._opened_at = 0.0
        self._connection: Any = None
        self._channel: Any = None
        self._woken = False
        self._closing = False
        self.blocked = False
        """Whether RabbitMQ said that it takes no messages for now: it holds an alarm."""

    def publish(self, publication: Publication) -> None:
        """Hand over a message; never blocks, safe from any thread."""
        with self._lock:
            taken = not self._closing and len(self._waiting) + len(self._in_flight) < _LARGEST
            if taken:
                self._waiting.append(publication)
                self._start()
                self._wake()
        if not taken:
            publication.settled(False)  # noqa: FBT003 - its one argument

    def close(self, within_seconds: float) -> None:
        """Wait until what was handed over is settled, and hang up."""
        with self._lock:
            self._closing = True
            thread = self._thread
            self._wanted.set()
            self._wake()
        if thread is not None:
            thread.join(within_seconds)

    def _start(self) -> None:
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
            self._thread.start()

    def _wake(self) -> None:
        """Have the thread send what waits: once for all that come before it does."""
        if self._channel is not None and not self._woken:
            self._woken = True
            self._connection.ioloop.add_callback_threadsafe(partial(self._safely, self._send))

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            with self._lock:
                if self._closing and not self._waiting:
                    return
                if not self._waiting:
                    self._wanted.clear()
                    continue
            try:
                self._converse()
            except Exception:  # noqa: BLE001 - the thread must outlive any fault
                _log.exception("publisher.failed")
                self._settle_all(self._abandoned())

    def _abandoned(self) -> list[Publication]:
        """All that is on its way; from now on nothing is."""
        with self._lock:
            left = [*self._in_flight.values(), *self._waiting]
            self._in_flight.clear()
            self._waiting.clear()
            self._returned.clear()
        return left

    def _converse(self) -> None:
        """Connect, and serve the connection for as long as it lives."""
        self._connection = pika.SelectConnection(
            self._nodes[self._node],
            on_open_callback=self._opened,
            on_open_error_callback=self._not_opened,
            on_close_callback=self._lost,
        )
        try:
            self._connection.ioloop.start()
        finally:
            with self._lock:  # whoever publishes would wake a loop that is closed
                self._channel = None
                self._connection.ioloop.close()

    def _opened(self, connection: Any) -> None:
        self._opened_at = time.monotonic()
        connection.add_on_connection_blocked_callback(partial(self._hear, blocked=True))
        connection.add_on_connection_unblocked_callback(partial(self._hear, blocked=False))
        connection.channel(on_open_callback=self._prepare)
        self._watch()

    def _hear(self, _connection: Any, _frame: Any, *, blocked: bool) -> None:
        self.blocked = blocked

    def _prepare(self, channel: Any) -> None:
        channel.add_on_close_callback(self._channel_lost)
        channel.add_on_return_callback(self._came_back)
        self._declare(channel)
        channel.confirm_delivery(self._answered, callback=lambda _: self._ready(channel))

    def _ready(self, channel: Any) -> None:
        with self._lock:
            self._channel, self._tag, self._woken = channel, 0, True
            self._refusals = 0
        self._send()

    def _safely(self, step: Callable[[], None]) -> None:
        """Take a step of ours on the loop; pika turns what its own raise into a lost connection."""
        try:
            step()
        except Exception as error:  # noqa: BLE001 - the connection is what it costs
            _log.exception("publisher.failed")
            self._connection._terminate_stream(error)  # noqa: SLF001 - as in `_watch`

    def _send(self) -> None:
        """Publish all that waits."""
        with self._lock:
            self._woken = False
            waiting, self._waiting = self._waiting, deque()
        try:
            while waiting and self._channel is not None and self._channel.is_open:
                self._send_one(waiting.popleft())
        finally:
            with self._lock:
                self._waiting.extendleft(reversed(waiting))
        self._hang_up_if_done()

    def _send_one(self, publication: Publication) -> None:
        self._tag += 1
        self._in_flight[self._tag] = publication
        publication.tries_left -= 1
        publication.sent_at = time.monotonic()
        self._channel.basic_publish(
            "",
            publication.queue,
            publication.body,
            publication.properties,
            mandatory=publication.mandatory,
        )

    def _answered(self, frame: Any) -> None:
        """RabbitMQ took or refused one message, or all up to one."""
        tag, confirmed = frame.method.delivery_tag, isinstance(frame.method, pika.spec.Basic.Ack)
        tags = [tag]
        if frame.method.multiple:
            tags = list(itertools.takewhile(lambda sent: sent <= tag, self._in_flight))
        for sent in tags:
            publication = self._in_flight.pop(sent)
            if self._returned and publication.properties.message_id in self._returned:
                self._returned.discard(publication.properties.message_id)
                self._again(publication)
            else:
                publication.settled(confirmed)
        self._hang_up_if_done()

    def _came_back(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        """Its queue is gone; the confirm that follows means nothing."""
        self._returned.add(properties.message_id)
        self._declare(channel)

    def _again(self, publication: Publication) -> None:
        if not publication.tries_left:
            publication.settled(False)  # noqa: FBT003
            return
        with self._lock:
            self._waiting.append(publication)
            self._wake()

    def _watch(self) -> None:
        """End a connection whose confirms do not come; RabbitMQ may hang or be out of memory."""
        since = self._opened_at if self._channel is None else self._oldest_sent_at()
        if time.monotonic() - since > self._timeout_seconds:
            self._settle_all(list(self._in_flight.values()))
            self._in_flight.clear()
            # Not close(): that would wait for an answer.
            self._connection._terminate_stream(TimeoutError("no confirm"))  # noqa: SLF001
            return
        self._connection.ioloop.call_later(
            self._timeout_seconds / 4, partial(self._safely, self._watch)
        )

    def _oldest_sent_at(self) -> float:
        oldest = next(iter(self._in_flight.values()), None)
        return time.monotonic() if oldest is None else oldest.sent_at

    def _hang_up_if_done(self) -> None:
        if self._closing and not self._waiting and not self._in_flight:
            with self._lock:
                channel, self._channel = self._channel, None
            if channel is not None:
                self._connection.close()

    def _channel_lost(self, channel: Any, error: Exception) -> None:
        if self._connection.is_open:
            _log.warning("publisher.channel_lost", extra={"error": type(error).__name__})
            self._connection.close()

    def _not_opened(self, connection: Any, error: Exception) -> None:
        """Try the next node; when none is left, RabbitMQ is away and what waits is settled."""
        self._node = (self._node + 1) % len(self._nodes)
        self._refusals += 1
        if self._refusals < len(self._nodes):
            self._over()
            return
        self._refusals = 0
        with self._lock:
            waiting, self._waiting = list(self._waiting), deque()
        self._settle_all(waiting)
        self._over()

    def _lost(self, connection: Any, error: Exception) -> None:
        """What was in flight may have arrived; it is sent once more, which is harmless."""
        if self._channel is None:  # it never could be used: the next one would not either
            self._not_opened(connection, error)
            return
        with self._lock:
            lost = list(self._in_flight.values())
            self._in_flight.clear()
            self._returned.clear()
            self._channel = None
            self._waiting.extendleft(
                publication for publication in reversed(lost) if publication.tries_left
            )
        self._settle_all([publication for publication in lost if not publication.tries_left])
        self._over()

    def _over(self) -> None:
        self._channel, self.blocked = None, False
        self._connection.ioloop.stop()

    @staticmethod
    def _settle_all(publications: list[Publication]) -> None:
        for publication in publications:
            publication.settled(False)  # noqa: FBT003
