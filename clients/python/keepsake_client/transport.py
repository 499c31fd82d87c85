"""How requests go out: by an httpx client that blocks, or by one that is awaited."""

import asyncio
import os
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from httpx_sse import EventSource, ServerSentEvent

_CONNECT_SECONDS = 10
_PIECE_BYTES = 1 << 18


class Transport(Protocol):
    """What the one implementation of all calls asks of the network and the clock."""

    def request(self, method: str, path: str, seconds: float, **content: Any) -> httpx.Request:
        """A request; seconds: the most between two pieces of its answer."""

    async def send(self, request: httpx.Request, *, stream: bool) -> httpx.Response:
        """The answer; of a stream its head alone."""

    async def read(self, response: httpx.Response) -> None:
        """Read what is left of an answer."""

    def chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """The body of a stream as it comes."""

    def events(self, response: httpx.Response) -> AsyncGenerator[ServerSentEvent, None]:
        """The server-sent events of a stream."""

    async def close(self, response: httpx.Response) -> None:
        """Leave a stream."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    async def leave(self) -> None:
        """Close all connections."""


class Bearer(httpx.Auth):
    """Puts the API key into requests; it stands nowhere else."""

    def __init__(self, api_key: str) -> None:
        self._header = f"Bearer {api_key}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Authorise a request."""
        request.headers["Authorization"] = self._header
        yield request


def _options(base_url: str, api_key: str, connections: int, headers: dict[str, str]) -> Any:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    authorities = (os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    verify = _trusting(*authorities) if urlsplit(base_url).scheme == "https" else _trusting_nobody()
    return {
        "base_url": base_url, "auth": Bearer(api_key), "limits": limits, "headers": headers,
        "verify": verify,
    }  # fmt: skip


@cache
def _trusting(file: str | None, directory: str | None) -> ssl.SSLContext:
    """What servers are verified by, one for all clients: reading authorities takes 25 ms of CPU.

    file, directory: the variables that httpx reads them by.
    """
    del file, directory
    return httpx.create_ssl_context()


@cache
def _trusting_nobody() -> ssl.SSLContext:
    """For clients that speak http alone; httpx would read authorities for them, too."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))


class BlockingTransport:
    """Coroutines that never suspend: each blocks until it is done."""

    def __init__(
        self, base_url: str, api_key: str, connections: int, headers: dict[str, str]
    ) -> None:
        self._client = httpx.Client(**_options(base_url, api_key, connections, headers))

    def request(self, method: str, path: str, seconds: float, **content: Any) -> httpx.Request:
        """A request."""
        return self._client.build_request(method, path, timeout=_timeout(seconds), **content)

    async def send(self, request: httpx.Request, *, stream: bool) -> httpx.Response:
        """The answer."""
        return self._client.send(request, stream=stream)

    async def read(self, response: httpx.Response) -> None:
        """Read what is left of an answer."""
        response.read()

    async def chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """The body of a stream."""
        for chunk in response.iter_bytes():
            yield chunk

    async def events(self, response: httpx.Response) -> AsyncGenerator[ServerSentEvent, None]:
        """The events of a stream."""
        for event in EventSource(response).iter_sse():
            yield event

    async def close(self, response: httpx.Response) -> None:
        """Leave a stream."""
        response.close()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)  # noqa: ASYNC251 - it blocks by design

    async def leave(self) -> None:
        """Close all connections."""
        self._client.close()


class AwaitingTransport:
    """Coroutines on asyncio's event loop."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        connections: int,
        headers: dict[str, str],
        carrier: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        options = _options(base_url, api_key, connections, headers)
        self._client = httpx.AsyncClient(transport=carrier, **options)

    def request(self, method: str, path: str, seconds: float, **content: Any) -> httpx.Request:
        """A request."""
        return self._client.build_request(method, path, timeout=_timeout(seconds), **content)

    async def send(self, request: httpx.Request, *, stream: bool) -> httpx.Response:
        """The answer."""
        return await self._client.send(request, stream=stream)

    async def read(self, response: httpx.Response) -> None:
        """Read what is left of an answer."""
        await response.aread()

    async def chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """The body of a stream."""
        async for chunk in response.aiter_bytes():
            yield chunk

    async def events(self, response: httpx.Response) -> AsyncGenerator[ServerSentEvent, None]:
        """The events of a stream."""
        async for event in EventSource(response).aiter_sse():
            yield event

    async def close(self, response: httpx.Response) -> None:
        """Leave a stream."""
        await response.aclose()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def leave(self) -> None:
        """Close all connections."""
        await self._client.aclose()


class FileBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A file as a request's body, read as it is sent."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        with self._file.open("rb") as opened:
            while piece := opened.read(_PIECE_BYTES):
                yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        opened = await asyncio.to_thread(self._file.open, "rb")
        try:
            while piece := await asyncio.to_thread(opened.read, _PIECE_BYTES):
                yield piece
        finally:
            opened.close()


def carry(request: httpx.Request, file: Path) -> None:
    """Make a file the body of a request.

    Raises:
        OSError: It cannot be read.
    """
    request.headers["Content-Length"] = str(file.stat().st_size)
    request.headers["Content-Type"] = "application/octet-stream"
    request.stream = FileBody(file)
