"""uvicorn's HTTP protocol, with bounds of bytes, of time and of connections."""

import json
import math
from typing import Any, Protocol, cast

from prometheus_client import Counter
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from keepsake.storage import MongoSettings
from web.problems import Problem, after_outage
from web.server.master import ServerSettings, room_for_connections

_SPARE = 64
"""Connections past the most that may still ask for `/healthz`; all else is refused on them."""
_CUT = Counter("keepsake_http_cut", "Connections that were cut or refused", ["reason"])
_HEALTH = "/healthz"
_FULL = Problem(503, "too-many-connections", "This process has no room; connect again later.")


class Connection(Protocol):
    """What `Connections` does with a connection."""

    refused: bool

    def cut(self, reason: str) -> None:
        """End it without an answer."""

    def look(self, now: float) -> None:
        """End it if it has taken too long."""


class Connections(ServerState):
    """What uvicorn's protocols share, and those among them that wait for a request.

    Past the most, a new connection takes the place of the one that has waited longest, so silent
    clients keep no others out. If all are at work, the new one is refused.
    """

    def __init__(self) -> None:
        super().__init__()
        self.limits = ServerSettings()
        room = room_for_connections(MongoSettings().mongo_pool_size) - _SPARE
        self.most = max(min(self.limits.web_connections, room), 1)
        self.stopping = False
        self._waiting: dict[Connection, None] = {}

    def enter(self, connection: Connection) -> None:
        """Make room for a connection, or refuse what it will ask."""
        if len(self.connections) <= self.most:
            return
        if self._waiting:
            next(iter(self._waiting)).cut("gave way")
        elif len(self.connections) > self.most + _SPARE:
            connection.cut("full")
        else:
            connection.refused = True

    def waits(self, connection: Connection) -> None:
        """A connection has no request now."""
        self._waiting[connection] = None

    def works(self, connection: Connection) -> None:
        """A connection has a request, or is gone."""
        self._waiting.pop(connection, None)

    def look(self, now: float) -> None:
        """End what has taken too long."""
        for connection in cast("set[Connection]", set(self.connections)):
            connection.look(now)

    @staticmethod
    def count(reason: str) -> None:
        """Count a connection that was cut or refused."""
        _CUT.labels(reason).inc()


class FullProcess:
    """Answers `/healthz`, by which a full process differs from a dead one, and refuses all else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["path"] == _HEALTH:
            await self._app(scope, receive, send)
            return
        body = json.dumps(_FULL.body()).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"x-content-type-options", b"nosniff"),
            (b"content-length", b"%d" % len(body)),
            (b"retry-after", after_outage().encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": _FULL.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


_HEAD_BYTES = 65_536
"""A request line and its headers, as most servers and proxies allow; also what may come between two
pieces of a body."""
_BODY_BYTES_PER_SECOND = 100_000
"""A body that is longer than its time may take longer, if it comes as fast as this."""
_DISCARDING_SECONDS = 2.0
_DISCARDED_BYTES = 8_000_000
_LAST_REQUEST_SECONDS = 1.0
"""For the first request of a connection that was made just before the process stops."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. uvicorn speaks HTTP; this counts bytes and seconds, and may end it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.refused = False
        self._shared = cast("Connections", self.server_state)
        self._limits = self._shared.limits
        self._unparsed = 0
        """Bytes since the parser last got a whole head or a piece of a body."""
        self._in_body = False
        self._discarded = 0
        self._end_by = math.inf
        """When the head or the body must be there."""
        self._write_by = math.inf
        """When the client must have read something, or the closed connection must be gone."""

    # The connection

    def connection_made(self, transport: Any) -> None:
        """Wait for a head, if there is room."""
        super().connection_made(transport)
        self._shared.enter(self)
        if not transport.is_closing():
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the place to others."""
        self._shared.works(self)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The process stops. A connection without a request yet may have one on its way."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None and not self.transport.is_closing():
            self._end_by = min(self._end_by, self.loop.time() + _LAST_REQUEST_SECONDS)
        else:
            super().shutdown()

    def look(self, now: float) -> None:
        """End the connection if it has taken too long."""
        if self.transport.is_closing():
            if self._write_by is math.inf:
                self._write_by = now + self._limits.write_timeout_seconds
            elif now > self._write_by:
                self.cut("unread")
        elif now > self._write_by:
            self.cut("unread")
        elif now > self._end_by:
            self._late()

    def cut(self, reason: str) -> None:
        """End the connection without an answer."""
        self._shared.works(self)
        self._shared.count(reason)
        self.transport.abort()

    def pause_writing(self) -> None:
        """The client does not read what it is sent."""
        super().pause_writing()
        self._write_by = self.loop.time() + self._limits.write_timeout_seconds

    def resume_writing(self) -> None:
        """It has read."""
        super().resume_writing()
        self._write_by = math.inf

    # Requests

    def data_received(self, data: bytes) -> None:
        """Give the parser no more than the limit before it understands something of it."""
        while data and not self.transport.is_closing():
            room = _HEAD_BYTES - self._unparsed
            if room <= 0:
                self._refuse("long head", Problem(431, "head-too-large", _LONG_HEAD))
                return
            part, data = data[:room], data[room:]
            self._unparsed += len(part)
            super().data_received(part)

    def on_headers_complete(self) -> None:
        """A request begins."""
        self._unparsed = 0
        self._in_body = True
        self._end_by = self.loop.time() + self._limits.body_timeout_seconds
        self._shared.works(self)
        if self.refused:
            self._shared.count("full")
            self.app = FullProcess(self.config.loaded_app)
        super().on_headers_complete()
        if self.expect_100_continue or self._shared.stopping:
            # Whether a body that awaits "100 Continue" follows an early answer, only clients know.
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """A piece of a body; of one whose request is answered, nothing is kept."""
        self._unparsed = 0
        super().on_body(body)
        if not self.cycle.response_complete:
            self._end_by += len(body) / _BODY_BYTES_PER_SECOND
        else:
            self._discarded += len(body)
            if self._discarded > _DISCARDED_BYTES:
                self.cut("discarded")

    def on_message_complete(self) -> None:
        """The request is here to its end."""
        self._unparsed = 0
        self._in_body = False
        self._end_by = math.inf
        super().on_message_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._await_head()

    def on_response_complete(self) -> None:
        """Wait for the next head; before it, for the rest of a body that was not read."""
        last = not self.pipeline
        super().on_response_complete()
        if self.transport.is_closing() or not last:
            return
        if self._in_body:
            self._discarded = 0
            self._end_by = self.loop.time() + _DISCARDING_SECONDS
        else:
            self._await_head()

    def _await_head(self) -> None:
        self._end_by = self.loop.time() + self._limits.head_timeout_seconds
        self._shared.waits(self)

    # Refusals

    @property
    def _in_progress(self) -> RequestResponseCycle | None:
        """The newest request, unless it is answered; uvicorn has none before the first."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return None if cycle is None or cycle.response_complete else cycle

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed as any other fault."""
        self._refuse("malformed", Problem(400, "malformed-http", msg))

    def _late(self) -> None:
        answered = not self._in_progress
        if self._in_body != answered and (self._in_body or self._unparsed):
            self._refuse("late", Problem(408, "request-too-slow", _SLOW))
        else:
            self.cut("idle")

    def _refuse(self, reason: str, problem: Problem) -> None:
        """Answer in the parser's place, and close."""
        if cycle := self._in_progress:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started or self.pipeline:
                self.cut(reason)
                return
        self._shared.count(reason)
        self.transport.write(_answer(problem))
        self.transport.close()


_LONG_HEAD = "The request line and headers are too long; send fewer or shorter ones."
_SLOW = "The request did not come to its end in time; send it again, faster or in parts."


def _answer(problem: Problem) -> bytes:
    body = json.dumps(problem.body()).encode()
    head = (
        b"content-type: application/problem+json\r\nx-content-type-options: nosniff\r\n"
        b"connection: close\r\n"
        b"content-length: %d\r\n\r\n" % len(body)
    )
    return STATUS_LINE[problem.status] + head + body
