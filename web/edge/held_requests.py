"""Requests that are held open: long polls and streams. They end when their key does."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from keepsake.access import KeyStore, Principal
from keepsake.storage import StorageError
from web.edge.auth import key_refused
from web.problems import Problem

_CHECK_SECONDS = 2.0
_COME_BACK_SECONDS = 10
_log = logging.getLogger("keepsake.web")
EVENTS = "text/event-stream"
LINES = "application/x-ndjson"


class HeldRequests:
    """One per process. MongoDB is asked for the keys of all that is held, every two seconds.

    So revocation and expiry, by the database's clock, end a stream whether it is busy or not.
    """

    def __init__(self, keys: KeyStore, streams_per_owner: int) -> None:
        self._keys = keys
        self._most = streams_per_owner
        self._scopes: dict[str, set[asyncio.Timeout]] = {}
        self._streams: Counter[str] = Counter()

    @asynccontextmanager
    async def by(self, caller: Principal) -> AsyncIterator[None]:
        """Hold a request for as long as its key is good.

        Raises:
            Problem: 401, when the key is revoked or expires meanwhile.
        """
        try:
            async with asyncio.timeout(None) as scope:
                self._scopes.setdefault(caller.key_id, set()).add(scope)
                try:
                    yield
                finally:
                    self._leave(caller.key_id, scope)
        except TimeoutError:
            if not scope.expired():
                raise
            raise key_refused() from None

    @contextmanager
    def stream(self, owner: str) -> Iterator[None]:
        """Count a stream of an owner.

        Raises:
            Problem: 429, when the owner has as many as it may.
        """
        if self._streams[owner] >= self._most:
            detail = f"{self._most} streams of this owner are open here; close one first."
            headers = {"Retry-After": str(_COME_BACK_SECONDS)}
            raise Problem(429, "too-many-streams", detail, headers=headers, limit=self._most)
        self._streams[owner] += 1
        try:
            yield
        finally:
            self._streams[owner] -= 1
            if not self._streams[owner]:
                del self._streams[owner]

    async def watch_keys(self) -> None:
        """End what is held by keys that are gone, until this is cancelled."""
        while True:
            await asyncio.sleep(_CHECK_SECONDS)
            asked = list(self._scopes)
            if not asked:
                continue
            try:
                good = await asyncio.to_thread(self._keys.good, asked)
            except StorageError:  # nothing is sent meanwhile either
                _log.warning("keys.not_checked")
                continue
            self._end(set(asked) - good)

    def _end(self, gone: set[str]) -> None:
        now = asyncio.get_running_loop().time()
        for key_id in gone:
            for scope in self._scopes.get(key_id, ()):
                if not scope.expired():
                    scope.reschedule(now)

    def _leave(self, key_id: str, scope: asyncio.Timeout) -> None:
        self._scopes[key_id].discard(scope)
        if not self._scopes[key_id]:
            del self._scopes[key_id]


class Stream(StreamingResponse):
    """A streamed answer that lasts as long as the caller's key is good; counted by its owner.

    Then events end as after the last one, and a client that connects again is answered `401`. Lines
    that have to be whole are cut off instead: the connection closes without the answer's end.
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
