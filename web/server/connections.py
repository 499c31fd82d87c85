"""The connections of a process: how many there may be, which gives way, what is refused."""

import json
from typing import Protocol, cast

from prometheus_client import Counter
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from keepsake.storage.mongo import MongoSettings
from web.problems import Problem, after_outage
from web.settings import ServerSettings, room_for_connections

_SPARE = 64
"""Connections past the most that may still ask for `/healthz`; all else is refused on them."""
_CUT = Counter("keepsake_http_cut", "Connections that were cut or refused", ["reason"])
_HEALTH = "/healthz"
_FULL = Problem(503, "too-many-connections", "This process has no room; connect again later.")


class Connection(Protocol):
    """What a connection lets be done with it."""

    refused: bool

    def cut(self, reason: str) -> None:
        """End it without a word."""

    def look(self, now: float) -> None:
        """End it if it has taken too long."""


class Connections(ServerState):
    """What uvicorn's protocols share, and those among them that wait for a request.

    Past the most, a new connection takes the place of the one that has waited longest, so silent
    clients keep nobody out. If all are at work, the new one is refused.
    """

    def __init__(self) -> None:
        super().__init__()
        self.limits = ServerSettings()
        room = room_for_connections(MongoSettings().mongo_pool_size) - _SPARE
        self.most = max(min(self.limits.web_connections, room), 1)
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
    """Answers `/healthz`, which tells a full process from a dead one, and refuses all else."""

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
