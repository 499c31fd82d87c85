"""Small ASGI layers around the application: HEAD, encoded slashes, answers without an end."""

import asyncio
import re
from typing import Any, cast
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REPOSITORIES = "/v2/scanner/repositories/"
_SLASH = re.compile("%2f", re.IGNORECASE)


class HeadRequests:
    """Answers HEAD with the head of what GET answers (RFC 9110, 9.3.2).

    A stream of events ends with its head: the server tells the application that the client left.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        complete = False

        async def send_head(message: Message) -> None:
            nonlocal complete
            if message["type"] == "http.response.start":
                await send(message)
            elif not complete:
                complete = True
                await send({"type": "http.response.body", "body": b""})

        await self._app({**scope, "method": "GET"}, receive, send_head)


class EncodedSlashes:
    """Leaves encoded slashes encoded below repositories: GitLab's `group/subgroup` is one name.

    A server decodes a path before it is split, so `group%2Fsubgroup` would be two segments; it is
    one (RFC 3986, 2.2). Routes decode the rest: see `Org`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["path"].startswith(_REPOSITORIES):
            raw = scope.get("raw_path", b"").decode("ascii", "replace")
            if _SLASH.search(raw):
                scope = {**scope, "path": unquote(_SLASH.sub("%252F", raw))}
        await self._app(scope, receive, send)


class UnfinishedAnswers:
    """Aborts the connection of an answer that stops half-way.

    It is the layer next to the server, which would log an error for an answer without an end. The
    transport is aborted, not closed: what a closed one has left to send keeps it open.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        unfinished = False

        async def watched_send(message: Message) -> None:
            nonlocal unfinished
            unfinished = message.get("more_body", False)
            await send(message)

        await self._app(scope, receive, watched_send)
        if unfinished:
            cast("Any", send).__self__.transport.abort()
            await asyncio.sleep(0)  # the server hears of it before it looks for the answer's end
