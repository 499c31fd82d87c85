"""Requests that become others within the process: of MCP's tools and of the console's pages."""

import httpx
from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from keepsake.access import Principal
from web.edge.auth import BEARER

HERE = "http://127.0.0.1"
"""No connection is made; a request needs some host."""


class WithinProcess(httpx.ASGITransport):
    """Carries requests to the application, as parts of the request that asks for them.

    bearer: who asks, if that is known; else each request says it by its key.
    """

    def __init__(self, app: ASGIApp, request: Request, bearer: Principal | None = None) -> None:
        super().__init__(app if bearer is None else borne(app, bearer))
        self._names = {
            name: value
            for name in ("x-request-id", "traceparent")
            if (value := request.headers.get(name)) is not None
        }
        self._names["x-request-id"] = request.state.request_id
        if trace := getattr(request.state, "trace", None):
            self._names["traceparent"] = trace

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Serve a request."""
        request.headers.update(self._names)
        return await super().handle_async_request(request)


def borne(app: ASGIApp, bearer: Principal) -> ASGIApp:
    """The application as one principal asks it; no client can set the state of a request."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {BEARER: bearer}}, receive, send)

    return serve
