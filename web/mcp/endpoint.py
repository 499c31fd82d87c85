"""The resource `/mcp`: who may call, and from where; the rest is the protocol's.

The protocol's package is large: a process loads it when the first agent calls, in a thread.
"""

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from web.edge.auth import PASSED_ON, admitted
from web.problems import Problem

if TYPE_CHECKING:
    from web.mcp.protocol import ToolProtocol

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class McpEndpoint:
    """Serves agents; one per process.

    origins: web pages that may call, beside those of this machine.
    """

    def __init__(self, app: FastAPI, origins: tuple[str, ...]) -> None:
        self.route = Route(PASSED_ON, self, methods=["POST"], include_in_schema=False)
        """Where it is; the document of the HTTP API does not describe other protocols."""
        self._app = app
        self._origins = frozenset(origins)
        self._leaving = asyncio.Event()
        self._closing = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._protocol: asyncio.Future[ToolProtocol] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            Problem: It is refused.
        """
        scope["route"] = self.route  # for the log and figures
        request = Request(scope)
        await admitted(request)
        self._require_origin(request)
        protocol = await self._loaded()
        await protocol.serve(scope, receive, send)

    def leave(self) -> None:
        """Answer the calls that wait for a job: the process is to end."""
        self._leaving.set()

    async def close(self) -> None:
        """End, when the process does."""
        self._closing.set()
        if self._serving is not None:
            await self._serving

    async def _loaded(self) -> "ToolProtocol":
        if self._protocol is None:
            self._protocol = asyncio.get_running_loop().create_future()
            self._serving = asyncio.create_task(self._serve(self._protocol))
        return await asyncio.shield(self._protocol)

    async def _serve(self, loading: "asyncio.Future[ToolProtocol]") -> None:
        try:
            protocol = await run_in_threadpool(_load, self._app, self._leaving)
        except Exception as error:  # noqa: BLE001 - each who waits for it raises it
            loading.set_exception(error)
            return
        async with protocol.running():
            loading.set_result(protocol)
            await self._closing.wait()

    def _require_origin(self, request: Request) -> None:
        """Refuse pages of other sites, whose name may lead to this machine (DNS rebinding)."""
        origin = request.headers.get("origin")
        if origin is None or origin in self._origins:
            return
        try:
            host = urlsplit(origin).hostname
        except ValueError:
            host = None
        if host not in _LOOPBACK:
            raise Problem(403, "forbidden", "Pages of this origin may not call.")


def _load(app: FastAPI, leaving: asyncio.Event) -> "ToolProtocol":
    protocol: ToolProtocol = import_module("web.mcp.protocol").ToolProtocol(app, leaving)
    return protocol
