"""Clients that do not read, and answers that stop half-way: their connections are cut."""

import asyncio
import logging
from typing import Any, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("keepsake.web")


class Writes:
    """The layer next to the server: it knows when uvicorn waits for a client to read.

    The transport is aborted, not closed: what a closed one has left to send keeps it open.
    """

    def __init__(self, app: ASGIApp, timeout_seconds: float) -> None:
        self._app = app
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cycle = cast("Any", send).__self__
        unfinished = False

        async def timely(message: Message) -> None:
            nonlocal unfinished
            unfinished = message.get("more_body", False)
            if not cycle.flow.write_paused:
                await send(message)
                return
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    await send(message)
            except TimeoutError:
                _log.info("answer.not_read")
                cycle.transport.abort()

        await self._app(scope, receive, timely)
        if unfinished:
            cycle.transport.abort()
            await asyncio.sleep(0)  # the server hears of it before it looks for the answer's end
