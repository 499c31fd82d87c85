"""The server over stdin and stdout: one process, one client, one key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.stdio import stdio_server

from keepsake_client.client import AsyncKeepsake
from keepsake_client.mcp.calls import CallContext
from keepsake_client.mcp.server import mcp_server

_RETRY_SECONDS = 10
"""A model should hear soon that the service is away."""


class OwnProcess:
    """All calls come from the program that started this process."""

    def __init__(self, client: AsyncKeepsake) -> None:
        self._client = client

    @asynccontextmanager
    async def client(self, _: CallContext) -> AsyncIterator[AsyncKeepsake]:
        """The process's client."""
        yield self._client

    def idempotency_key(self, _: CallContext) -> None:
        """A call comes once: the pipe loses none."""

    def cancelled(self, _: CallContext) -> bool:
        """A call ends early only by its client, or with it."""
        return True

    async def leaving(self) -> None:
        """The process ends with its stdin, at once."""
        await asyncio.Event().wait()


async def serve(base_url: str | None, api_key: str | None) -> None:
    """Serve until stdin ends.

    Raises:
        ValueError: There is no API key, or it or the address cannot be one.
    """
    async with AsyncKeepsake(base_url, api_key, retry_seconds=_RETRY_SECONDS) as client:
        server = mcp_server(OwnProcess(client))
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
