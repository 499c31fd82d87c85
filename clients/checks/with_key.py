"""Puts an API key into requests, for programs that cannot send one."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from keepsake.launcher.process import LOOPBACK, free_port

_NOT_PASSED = {"content-length", "transfer-encoding", "connection"}


@contextmanager
def with_key(base_url: str, key: str) -> Iterator[str]:
    """The base URL of a server that passes requests on with a key, until this is left."""
    upstream = httpx.AsyncClient(base_url=base_url, timeout=60)

    @asynccontextmanager
    async def closing(_: Starlette) -> AsyncIterator[None]:
        async with upstream:
            yield

    async def passed_on(request: Request) -> StreamingResponse:
        headers = {name: value for name, value in request.headers.items()
                   if name not in _NOT_PASSED} | {"authorization": f"Bearer {key}"}  # fmt: skip
        sent = upstream.build_request(
            request.method, request.url.path, headers=headers, content=await request.body()
        )
        answer = await upstream.send(sent, stream=True)
        kept = {name: value for name, value in answer.headers.items() if name not in _NOT_PASSED}
        return StreamingResponse(
            answer.aiter_raw(), answer.status_code, kept, background=BackgroundTask(answer.aclose)
        )

    port = free_port()
    app = Starlette(routes=[Route("/mcp", passed_on, methods=["GET", "POST"])], lifespan=closing)
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_level="warning"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.should_exit = True
        thread.join()
