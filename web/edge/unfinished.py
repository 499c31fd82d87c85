"""Answers that stop half-way: their connections are cut."""

import asyncio
from typing import Any, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Unfinished:
    """The layer next to the server, which would log an error for an answer without an end.

    The transport is aborted, not closed: what a closed one has left to send keeps it open.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        unfinished = False

        async def noted(message: Message) -> None:
            nonlocal unfinished
            unfinished = message.get("more_body", False)
            await send(message)

        await self._app(scope, receive, noted)
        if unfinished:
            cast("Any", send).__self__.transport.abort()
            await asyncio.sleep(0)  # the server hears of it before it looks for the answer's end
