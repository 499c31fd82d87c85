"""The clients: `Keepsake` for code that blocks, `AsyncKeepsake` for coroutines."""

import os
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from keepsake_client.admin import Admin, AsyncAdmin
from keepsake_client.code import AsyncCode, Code
from keepsake_client.errors import Problem
from keepsake_client.jobs import AsyncDeadLetters, AsyncJobs, DeadLetters, Jobs
from keepsake_client.memory import AsyncMemories, Memories
from keepsake_client.models.admin import ConsoleLink, Readiness, StoredBytes
from keepsake_client.session import Request, Resource, Session, get
from keepsake_client.settings import API_KEY, URL
from keepsake_client.surfaces import Awaiting, Blocking, operation
from keepsake_client.transport import AwaitingTransport, BlockingTransport, Transport
from keepsake_client.users import AsyncUsers, Users
from keepsake_client.webhooks import AsyncWebhooks, Webhooks

if TYPE_CHECKING:
    from typing_extensions import Self

_LOCAL = "http://127.0.0.1:8000"
_AGENT = "keepsake-client/" + version("keepsake-client")


class ClientCalls(Resource):
    """What both clients have.

    base_url: KEEPSAKE_URL, else this machine, when it is left out. api_key: KEEPSAKE_API_KEY when
    it is left out. timeout: seconds that an answer may take. retry_seconds: for how long what
    fails for a while is sent again. connections: how many may be open at once; a stream holds one.

    Raises:
        ValueError: There is no API key, or it or the address cannot be one.
    """

    def __init__(
        self,
        transport: Callable[[str, str, int, dict[str, str]], Transport],
        base_url: str | None,
        api_key: str | None,
        timeout: float,
        retry_seconds: float,
        connections: int,
    ) -> None:
        self._base_url = _checked_url(base_url or os.environ.get(URL) or _LOCAL)
        key = _checked_key(api_key or os.environ.get(API_KEY) or "")
        headers = {"User-Agent": _AGENT, "Accept": "application/json"}
        super().__init__(
            Session(
                transport(self._base_url, key, connections, headers), self._base_url,
                timeout=timeout, retry_seconds=retry_seconds,
            )
        )  # fmt: skip

    def __repr__(self) -> str:
        """Which service it speaks to; never the key."""
        return f"<{type(self).__name__} {self._base_url}>"

    @operation
    async def ready(self) -> Readiness:
        """Whether jobs are accepted, and the state of each part that they need.

        >>> client.ready().mongodb
        'ok'
        """
        request = Request("GET", "/readyz", repeatable=True, retry_seconds=0)
        try:
            return await self._session.fetch(request, Readiness)
        except Problem as problem:
            if "mongodb" not in problem.members:
                raise
            return Readiness.model_validate(problem.members)

    @operation
    async def usage(self) -> StoredBytes:
        """How much the key's owner stores, by kind, and how much it may.

        >>> client.usage().limit_bytes is None
        True
        """
        return await self._session.fetch(get("/v2/usage"), StoredBytes)

    @operation
    async def console_link(self) -> ConsoleLink:
        """A link to the console that signs in as this key, once and within a minute.

        >>> client.console_link().expires_in_seconds
        60
        """
        return await self._session.fetch(Request("POST", "/v1/console/links"), ConsoleLink)

    @operation
    async def close(self) -> None:
        """Close all connections; `with` does it at the end of its block.

        >>> Keepsake("http://127.0.0.1:8000", "ksk_0123").close()
        """
        await self._session.transport.leave()


class Keepsake(ClientCalls, Blocking):
    """A client of a Keepsake whose calls block; it may be used by several threads.

    >>> client.memory.add("I live in Lisbon.", user_id="ana").wait(60).status
    'succeeded'
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 30,
        retry_seconds: float = 60,
        connections: int = 100,
    ) -> None:
        super().__init__(BlockingTransport, base_url, api_key, timeout, retry_seconds, connections)
        self.memory = Memories(self._session)
        self.users = Users(self._session)
        self.code = Code(self._session)
        self.jobs = Jobs(self._session)
        self.dead_letters = DeadLetters(self._session)
        self.webhooks = Webhooks(self._session)
        self.admin = Admin(self._session)

    def __enter__(self) -> "Self":
        """Use it until the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all connections."""
        self.close()


class AsyncKeepsake(ClientCalls, Awaiting):
    """A client of a Keepsake whose calls are awaited, on asyncio's event loop.

    carrier: what carries its requests in place of the network, such as `httpx.ASGITransport`.

    >>> client.memory.add("I live in Lisbon.", user_id="ana").wait(60).status
    'succeeded'
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 30,
        retry_seconds: float = 60,
        connections: int = 100,
        carrier: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        transport = partial(AwaitingTransport, carrier=carrier)
        super().__init__(transport, base_url, api_key, timeout, retry_seconds, connections)
        self.memory = AsyncMemories(self._session)
        self.users = AsyncUsers(self._session)
        self.code = AsyncCode(self._session)
        self.jobs = AsyncJobs(self._session)
        self.dead_letters = AsyncDeadLetters(self._session)
        self.webhooks = AsyncWebhooks(self._session)
        self.admin = AsyncAdmin(self._session)

    async def __aenter__(self) -> "Self":
        """Use it until the end of the block."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self.close()


def _checked_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("the address of a Keepsake begins with http:// or https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the address of a Keepsake has no user, query or fragment")
    return base_url.rstrip("/")


def _checked_key(api_key: str) -> str:
    """A key that can stand in a header; what is wrong with it is said without showing it."""
    key = api_key.strip()
    if not key:
        raise ValueError(f"no API key: pass api_key or set {API_KEY}")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError("an API key has printable ASCII characters alone, no spaces")
    return key
