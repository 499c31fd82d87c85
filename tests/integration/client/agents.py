"""Agents: sessions of the protocol's own client with Keepsake, over each transport."""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

TRANSPORTS = ("stdio", "http", "http with sessions")


@asynccontextmanager
async def agent(transport: str, base_url: str, key: str) -> AsyncIterator[Client]:
    """A session; `http` is the protocol without sessions, of 2026."""
    if transport == "stdio":
        environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH")
                       if name in os.environ}  # fmt: skip
        parameters = StdioServerParameters(
            command=sys.executable, args=["-m", "keepsake_client", "mcp"],
            env={**environment, "KEEPSAKE_URL": base_url, "KEEPSAKE_API_KEY": key},
        )  # fmt: skip
        async with Client(parameters) as session:
            yield session
        return
    headers = {"Authorization": f"Bearer {key}"}
    mode = "legacy" if transport == "http with sessions" else "2026-07-28"
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        connection = streamable_http_client(f"{base_url}/mcp", http_client=http)
        async with Client(connection, mode=mode) as session:
            yield session


async def called(session: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool gives, which must not be an error."""
    result = await session.call_tool(tool, arguments)
    assert not result.is_error, result.content
    structured: dict[str, Any] = result.structured_content
    return structured


async def refused(session: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The error that a tool answers."""
    result = await session.call_tool(tool, arguments)
    assert result.is_error
    about: dict[str, Any] = json.loads(result.content[0].text)
    return about
