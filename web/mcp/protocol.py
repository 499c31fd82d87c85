"""The Model Context Protocol in a web process, over the tools of the client.

No process keeps anything of a session, so any process serves any request of it. Protocols with
sessions get an id of one: it tells apart the calls of several, and nothing more.
"""

import asyncio
import json
import secrets
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from keepsake_client.mcp import input_schemas, mcp_server
from web.edge.body_limits import Size, largest, limited, require_few_values
from web.mcp.source import SESSION, RequestSource

_SLACK = Size(65_536, 1_000)
"""For what stands around a tool's arguments."""
_INITIALIZE, _CANCELLED = "initialize", "notifications/cancelled"


class ToolProtocol:
    """Reads messages and answers them; one per process."""

    def __init__(self, app: FastAPI, leaving: asyncio.Event) -> None:
        sizes = [_largest(schema) for schema in input_schemas()]
        most = Size(max(size.bytes for size in sizes), max(size.values for size in sizes))
        self._size = most + _SLACK
        self._source = RequestSource(app, leaving)
        self._manager = StreamableHTTPSessionManager(
            mcp_server(self._source),
            stateless=True,
            max_request_body_size=self._size.bytes + 1,
        )

    def running(self) -> AbstractAsyncContextManager[None]:
        """Serves messages, until it is left."""
        return self._manager.run()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request that is admitted.

        Raises:
            Problem: Its body is larger than any good one.
        """
        headers = Request(scope).headers
        body = await Request(scope, limited(receive, headers, self._size.bytes)).body()
        require_few_values(body, self._size.values)
        session, message = headers.get(SESSION), _session_message(body)
        if session is not None and message.get("method") == _CANCELLED:
            await self._source.cancel(Request(scope), message.get("params"))
            await Response(status_code=HTTPStatus.ACCEPTED)(scope, receive, send)
            return
        if session is None and message.get("method") == _INITIALIZE:
            send = _with_session(send)
        await self._manager.handle_request(scope, Arriving(body, receive, scope).receive, send)


class Arriving:
    """A body that was read, for whoever reads it once more; then it notices who leaves."""

    def __init__(self, body: bytes, receive: Receive, scope: Scope) -> None:
        self._body: bytes | None = body
        self._receive = receive
        self._state = scope["state"]

    async def receive(self) -> Message:
        """The next message."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._state["left"] = True
        return message


def _largest(schema: dict[str, Any]) -> Size:
    return largest(schema, schema.get("$defs", {}))


def _session_message(body: bytes) -> dict[str, Any]:
    """The message, if it begins a session or cancels a call of one; else an empty one."""
    if _INITIALIZE.encode() not in body and _CANCELLED.encode() not in body:
        return {}
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _with_session(send: Send) -> Send:
    session = secrets.token_urlsafe(24)

    async def named(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)[SESSION] = session
        await send(message)

    return named
