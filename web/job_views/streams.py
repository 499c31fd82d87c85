"""Answers that come piece by piece."""

from collections.abc import AsyncIterable, Iterable, Mapping
from contextlib import suppress

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from keepsake.access.keys import Principal
from web.job_views.held import HeldRequests
from web.problems import Problem

EVENTS = "text/event-stream"
LINES = "application/x-ndjson"


class Stream(StreamingResponse):
    """Of an owner who has not too many, for as long as its key is good.

    Events end then as after the last one, and a client that comes back is told `401`. Lines that
    have to be whole are cut off instead: the connection is closed without the end of the answer.
    """

    def __init__(
        self,
        content: AsyncIterable[bytes] | Iterable[bytes | str],
        request: Request,
        caller: Principal,
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(content, headers=headers, media_type=media_type)
        self._held: HeldRequests = request.app.state.held
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer.

        Raises:
            Problem: 429, when the owner has too many streams.
        """
        with self._held.stream(self._caller.owner):
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send it, until the end or the end of the key."""
        with suppress(Problem):
            async with self._held.by(self._caller):
                await super().stream_response(send)
                return
        if self.media_type == EVENTS:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
