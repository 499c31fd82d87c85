"""One connection for all that a process publishes: many messages in flight, shared confirms.

A confirm costs RabbitMQ a write to disk, and one `Basic.Ack(multiple)` may confirm hundreds. Nobody
waits to gather them: what is published while RabbitMQ is busy shares its next write, and a lone
message goes out at once.
"""

import asyncio
import itertools
import json
import logging
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import pika
from dramatiq import Message
from pika.adapters.asyncio_connection import AsyncioConnection

_log = logging.getLogger("keepsake.publisher")
_LARGEST = 10_000
"""Messages that may wait for their confirms."""
_TRIES = 2
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode
_APP_ID = "keepsake"
_CHANNEL, _CLASS = 1, 60
_FRAME, _PROPERTIES, _TIMESTAMP = struct.Struct(">BHI"), struct.Struct(">HHQH"), struct.Struct(">Q")
_FLAGS, _HEADERS_FLAG = 0b1001_0000_1110_1000, 1 << 13
"""Which properties there are: https://www.rabbitmq.com/amqp-0-9-1-reference#class.basic"""
_BODY_MOST = 4_096 - 8
"""What fits into the smallest frame that AMQP lets a server ask for."""


@dataclass(slots=True)
class Publication:
    """A message on its way: the frames that publish it on the one channel.

    settled: called once, with whether RabbitMQ confirmed; if not, it may still have the message.
    """

    message_id: str
    frames: bytes
    settled: Callable[[bool], None]
    tries_left: int = _TRIES
    sent_at: float = 0


def publication_of(message: Message[Any], settled: Callable[[bool], None]) -> Publication:
    """A message as Dramatiq encodes it; id, type and trace are for the management console too."""
    body = _ENCODE(message.asdict()).encode()
    trace = message.options.get("traceparent", "")
    frames = publish_frames(message.queue_name, body, message.message_id, message.actor_name, trace)
    return Publication(message.message_id, frames, settled)


def publish_frames(
    queue: str, body: bytes, message_id: str, message_type: str, trace: str = "",
    *, mandatory: bool = True,
) -> bytes:  # fmt: skip
    """A persistent message as pika would send it, which takes five times as long.

    mandatory: whether its queue has to be there; else RabbitMQ confirms, and drops it.
    """
    table = b""
    if trace:
        table = _long(_short("traceparent") + b"S" + _long(trace.encode()))
    properties = (
        _PROPERTIES.pack(_CLASS, 0, len(body), _FLAGS | (_HEADERS_FLAG if trace else 0))
        + _short("application/json") + table + b"\x02" + _short(message_id)
        + _TIMESTAMP.pack(int(time.time())) + _short(message_type) + _short(_APP_ID)
    )  # fmt: skip
    pieces = (body[at : at + _BODY_MOST] for at in range(0, len(body), _BODY_MOST))
    return b"".join(
        [_method(queue, mandatory), _frame(2, properties), *(_frame(3, piece) for piece in pieces)]
    )


@lru_cache
def _method(queue: str, mandatory: bool) -> bytes:  # noqa: FBT001 - pika's own
    publish = pika.spec.Basic.Publish(routing_key=queue, mandatory=mandatory)
    marshalled: bytes = pika.frame.Method(_CHANNEL, publish).marshal()
    return marshalled


def _frame(kind: int, payload: bytes) -> bytes:
    return _FRAME.pack(kind, _CHANNEL, len(payload)) + payload + b"\xce"


def _short(text: str) -> bytes:
    return bytes((len(text.encode()),)) + text.encode()


def _long(encoded: bytes) -> bytes:
    return len(encoded).to_bytes(4) + encoded


class Publisher:
    """Owns the connection. It connects when there is something to publish.

    All that it does it does on one event loop: that of `run_on`, else one in a thread of its own.

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
        self._loop: Any = None
        self._thread: threading.Thread | None = None
        self._waiting: deque[Publication] = deque()
        self._in_flight: dict[int, Publication] = {}
        self._returned: set[str] = set()
        self._tag = 0
        self._opened_at = 0.0
        self._connection: Any = None
        self._channel: Any = None
        self._usable = False
        self._watching: asyncio.TimerHandle | None = None
        self._woken = False
        self._closing = False
        self._closed = threading.Event()
        self.blocked = False
        """Whether RabbitMQ said that it takes no messages for now: it holds an alarm."""

    def run_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Use an event loop that runs already, instead of a thread; before anything is published.

        Its thread may not call `close`, which waits for it.
        """
        self._loop = loop

    def publish(self, publication: Publication) -> None:
        """Hand over a message; never blocks, safe from any thread."""
        with self._lock:
            taken = not self._closing and len(self._waiting) + len(self._in_flight) < _LARGEST
            if taken:
                self._waiting.append(publication)
                self._wake()
        if not taken:
            publication.settled(False)  # noqa: FBT003 - its one argument

    def close(self, within_seconds: float) -> None:
        """Wait until what was handed over is settled, and hang up."""
        with self._lock:
            self._closing = True
            if self._loop is None or self._closed.is_set():
                return
            self._wake()
        self._closed.wait(within_seconds)
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(within_seconds)

    def _wake(self) -> None:
        """Have the loop send what waits: once for all that come before it does."""
        if self._woken:
            return
        self._woken = True
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
            self._thread.start()
        self._loop.call_soon_threadsafe(self._safely, self._send)

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    # All below runs on the loop.

    def _safely(self, step: Callable[[], None]) -> None:
        """Take a step of ours; a fault costs the connection, and what waits if there is none."""
        try:
            step()
        except Exception as error:  # noqa: BLE001 - later messages must not hang
            _log.exception("publisher.failed")
            if self._connection is not None:
                self._connection._terminate_stream(error)  # noqa: SLF001 - as in `_watch`
            else:
                self._settle_waiting()

    def _send(self) -> None:
        """Publish all that waits, in one write."""
        self._woken = False
        if self._channel is not None and self._channel.is_open:
            self._write_waiting()
        elif self._waiting and self._connection is None:
            self._connect()
        self._hang_up_if_done()

    def _write_waiting(self) -> None:
        frames, now = [], time.monotonic()
        while self._waiting:
            publication = self._waiting.popleft()
            self._tag += 1
            self._in_flight[self._tag] = publication
            publication.tries_left -= 1
            publication.sent_at = now
            frames.append(publication.frames)
        if frames:
            self._connection._output_marshaled_frames([b"".join(frames)])  # noqa: SLF001

    def _connect(self) -> None:
        self._opened_at = time.monotonic()
        self._connection = AsyncioConnection(
            self._nodes[self._node],
            on_open_callback=self._opened,
            on_open_error_callback=self._not_opened,
            on_close_callback=self._lost,
            custom_ioloop=self._loop,
        )

    def _opened(self, connection: Any) -> None:
        self._opened_at = time.monotonic()
        connection.add_on_connection_blocked_callback(lambda *_: self._hear(blocked=True))
        connection.add_on_connection_unblocked_callback(lambda *_: self._hear(blocked=False))
        connection.channel(_CHANNEL, on_open_callback=self._prepare)
        self._watch()

    def _hear(self, *, blocked: bool) -> None:
        self.blocked = blocked

    def _prepare(self, channel: Any) -> None:
        channel.add_on_close_callback(self._channel_lost)
        channel.add_on_return_callback(self._came_back)
        self._declare(channel)
        channel.confirm_delivery(
            lambda frame: self._safely(partial(self._answered, frame)),
            callback=lambda _: self._ready(channel),
        )

    def _ready(self, channel: Any) -> None:
        self._channel, self._tag, self._refusals = channel, 0, 0
        self._usable = True
        self._safely(self._send)

    def _answered(self, frame: Any) -> None:
        """RabbitMQ took or refused one message, or all up to one."""
        tag, confirmed = frame.method.delivery_tag, isinstance(frame.method, pika.spec.Basic.Ack)
        tags = [tag]
        if frame.method.multiple:
            tags = list(itertools.takewhile(lambda sent: sent <= tag, self._in_flight))
        for sent in tags:
            publication = self._in_flight.pop(sent)
            if publication.message_id in self._returned:
                self._returned.discard(publication.message_id)
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
            self._settle(self._taken_from_flight())
            # Not close(): that would wait for an answer.
            self._connection._terminate_stream(TimeoutError("no confirm"))  # noqa: SLF001
            return
        self._watching = self._loop.call_later(self._timeout_seconds / 4, self._safely, self._watch)

    def _oldest_sent_at(self) -> float:
        oldest = next(iter(self._in_flight.values()), None)
        return time.monotonic() if oldest is None else oldest.sent_at

    def _hang_up_if_done(self) -> None:
        if not self._closing or self._waiting or self._in_flight:
            return
        if self._connection is None:
            self._closed.set()
        elif self._channel is not None:
            self._channel = None
            self._connection.close()

    def _channel_lost(self, channel: Any, error: Exception) -> None:
        if self._connection.is_open:
            _log.warning("publisher.channel_lost", extra={"error": type(error).__name__})
            self._connection.close()

    def _not_opened(self, connection: Any, error: Exception) -> None:
        """Try the next node; when none is left, RabbitMQ is away and what waits is settled."""
        self._node = (self._node + 1) % len(self._nodes)
        self._refusals += 1
        if self._refusals >= len(self._nodes):
            self._refusals = 0
            self._settle_waiting()
        self._over()

    def _lost(self, connection: Any, error: Exception) -> None:
        """What was in flight may have arrived; it is sent once more, which is harmless."""
        if not self._usable:  # it never was: the next one would not be either
            self._not_opened(connection, error)
            return
        lost = self._taken_from_flight()
        self._returned.clear()
        with self._lock:
            self._waiting.extendleft(
                publication for publication in reversed(lost) if publication.tries_left
            )
        self._settle([publication for publication in lost if not publication.tries_left])
        self._over()

    def _over(self) -> None:
        """The connection is gone; what waits asks for the next one, once pika is done with it."""
        self._connection = self._channel = None
        self._usable = self.blocked = False
        if self._watching is not None:
            self._watching.cancel()
        self._loop.call_soon(self._safely, self._send)

    def _taken_from_flight(self) -> list[Publication]:
        publications = list(self._in_flight.values())
        self._in_flight.clear()
        return publications

    def _settle_waiting(self) -> None:
        with self._lock:
            waiting, self._waiting = list(self._waiting), deque()
        self._settle(waiting)

    @staticmethod
    def _settle(publications: list[Publication]) -> None:
        for publication in publications:
            publication.settled(False)  # noqa: FBT003
