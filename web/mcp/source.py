"""Calls of tools that come as requests: each becomes requests of its caller to this application."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool

from keepsake.jobs import Engine
from keepsake.storage import StorageError
from keepsake_client import AsyncKeepsake, KeepsakeError
from keepsake_client.mcp import CallContext
from web.within_process import HERE, WithinProcess

SESSION = "mcp-session-id"


class RequestSource:
    """Serves calls with the key of the request that brings them.

    So keys, scopes, limits and answers are those of the HTTP API: they are its.
    """

    def __init__(self, app: FastAPI, leaving: asyncio.Event) -> None:
        self._app = app
        engine: Engine = app.state.engine
        self._listing = engine.listing
        self._types = tuple(engine.types)
        self._leaving = leaving

    async def leaving(self) -> None:
        """Return when the process is to end."""
        await self._leaving.wait()

    def client(self, context: CallContext) -> AbstractAsyncContextManager[AsyncKeepsake]:
        """A client with the caller's key, whose requests stay in this process."""
        return self._client(_request(context))

    def idempotency_key(self, context: CallContext) -> str | None:
        """The same for a call that is sent again: by its session and its id there."""
        request = _request(context)
        return _call_key(request, context.request_id) if SESSION in request.headers else None

    def cancelled(self, context: CallContext) -> bool:
        """Whether the client left: that cancels, in protocols without sessions.

        With a session it says so, and another process may hear it; a connection that breaks is
        not meant so.
        """
        request = _request(context)
        return SESSION not in request.headers and getattr(request.state, "left", False)

    async def cancel(self, request: Request, params: Any) -> None:
        """Cancel the job of another call of this session, whichever process serves it."""
        key = _call_key(request, params.get("requestId") if isinstance(params, dict) else None)
        owner = request.state.principal.owner
        with suppress(KeepsakeError, StorageError):  # a notification has no answer
            job_id = await run_in_threadpool(self._listing.of_key, owner, self._types, key)
            if job_id is not None:
                async with self._client(request) as client:
                    await client.jobs.cancel(job_id, "the call was cancelled")

    @asynccontextmanager
    async def _client(self, request: Request) -> AsyncIterator[AsyncKeepsake]:
        _, _, key = request.headers["authorization"].partition(" ")
        carrier = WithinProcess(self._app.state.entrance, request)
        async with AsyncKeepsake(HERE, key.strip(), retry_seconds=0, carrier=carrier) as client:
            yield client


def _request(context: CallContext) -> Request:
    return cast("Request", context.request)


def _call_key(request: Request, request_id: Any) -> str:
    """A key of a call of a session; ids of different types are different ids."""
    call = json.dumps([request.headers[SESSION], request_id])
    return f"mcp-{hashlib.sha256(call.encode()).hexdigest()[:32]}"
