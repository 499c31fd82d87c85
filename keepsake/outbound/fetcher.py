"""Requests to servers of others, without being led where none of ours may go.

Only https on port 443 is followed, and only to public addresses. The address that was checked is
the one that is connected to, so a name cannot resolve to another one in between. The operator may
name hosts and ports to which these rules do not apply. Redirects of pages are followed by hand and
checked like the first link. Time and size are bounded as a whole.
"""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import httpcore

from keepsake.outbound.errors import Forbidden, LinkAway, Unreachable
from keepsake.outbound.lookups import LOOKUPS, Resolve
from keepsake.outbound.network import (
    HTTPS,
    PinnedNetwork,
    destination,
    resolve,
    target_of,
    with_port,
)
from keepsake.outbound.settings import OutboundSettings
from keepsake.storage import is_public

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERRORS = 400
_SERVER_ERRORS = 500
_BUSY = frozenset({408, 425, 429})
_AGENT = ("User-Agent", "Keepsake")
_HEADERS = (
    ("User-Agent", "Mozilla/5.0 (compatible; Keepsake)"),
    ("Accept", "text/html,application/json,*/*"),
    ("Accept-Encoding", "identity"),
)
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """What was read, and where it was in the end."""

    url: str
    content: bytes
    media_type: str = ""

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to what was posted; in how many seconds it wants to be asked again."""

    status: int
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class FetchBounds:
    """How much, how long and how far."""

    most_bytes: int = 8 << 20
    seconds: float = 20.0
    redirects: int = 4


class Fetcher:
    """Fetches pages, and posts to links. `tls` and `port` are for servers of a test's own.

    trusted: hosts that the operator vouches for, as `host` or `host:port`.
    """

    def __init__(
        self,
        bounds: FetchBounds | None = None,
        *,
        resolver: Resolve = resolve,
        allowed: Callable[[str], bool] | None = None,
        trusted: frozenset[str] | None = None,
        tls: ssl.SSLContext | None = None,
        port: int = HTTPS,
    ) -> None:
        self._bounds = bounds or FetchBounds()
        self._resolve = resolver
        self._allowed = allowed or is_public
        named = OutboundSettings().link_hosts if trusted is None else trusted
        self._trusted = frozenset(with_port(name) for name in named)
        self._tls = tls or ssl.create_default_context()
        self._port = port

    def fetch(self, url: str) -> FetchedPage:
        """Read a page.

        Raises:
            Forbidden: The link, or where it leads, is none that may be fetched.
            Unreachable: It answered with an error, or with too much.
            LinkAway: It did not answer in time, or said that it cannot now.
        """
        until = time.monotonic() + self._bounds.seconds
        for _ in range(self._bounds.redirects + 1):
            answer = self._once(url, until)
            if isinstance(answer, FetchedPage):
                return answer
            url = urljoin(url, answer)
        raise Forbidden("the link redirects too often")

    def send(self, url: str, content: bytes, headers: Headers) -> Answer:
        """Post something; the head of the answer, whatever it is. No redirect is followed.

        Raises:
            Forbidden: The link is none that may be asked.
            Unreachable: Its certificate is not trusted.
            LinkAway: It did not answer in time.
        """
        until = time.monotonic() + self._bounds.seconds
        with self._asked("POST", url, until, (*headers, _AGENT), content) as response:
            return Answer(response.status, _retry_after(_headers_of(response)))

    def _once(self, url: str, until: float) -> FetchedPage | str:
        """The page, or where it redirects to."""
        with self._asked("GET", url, until, _HEADERS) as response:
            return self._answer(response, url)

    @contextmanager
    def _asked(
        self, method: str, url: str, until: float, headers: Headers, content: bytes | None = None
    ) -> Iterator[httpcore.Response]:
        """An answer that has begun, from the address that was checked."""
        host, port = destination(url, self._trusted)
        address = self._checked(host, port, until)
        network = PinnedNetwork(address, self._port if port == HTTPS else port, until)
        target = target_of(url)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._tls, network_backend=network) as pool,
                pool.stream(method, target, headers=headers, content=content) as response,
            ):
                network.begin_body()
                yield response
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError,
                httpcore.UnsupportedProtocol) as error:  # fmt: skip
            if any(isinstance(why, ssl.SSLCertVerificationError) for why in error.args):
                raise Unreachable("the link's certificate is not trusted") from None
            raise LinkAway(f"the link did not answer ({type(error).__name__})") from None

    def _checked(self, host: str, port: int, until: float) -> str:
        """One address of a host, when all of its addresses may be reached."""
        addresses = LOOKUPS.find(self._resolve, host, until)
        trusted = f"{host}:{port}" in self._trusted
        if not addresses or not (trusted or all(map(self._allowed, addresses))):
            raise Forbidden("the link leads to an address that is not public")
        return addresses[0]

    def _answer(self, response: httpcore.Response, url: str) -> FetchedPage | str:
        headers = _headers_of(response)
        if response.status in _REDIRECTS and b"location" in headers:
            return headers[b"location"].decode("latin-1")
        if response.status in _BUSY or response.status >= _SERVER_ERRORS:
            raise LinkAway(f"the link answered {response.status}", _retry_after(headers))
        if response.status >= _ERRORS:
            raise Unreachable(f"the link answered {response.status}")
        parts, size = [], 0
        for part in response.iter_stream():
            parts.append(part)
            size += len(part)
            if size > self._bounds.most_bytes:
                raise Unreachable("the page is too large")
        media_type = headers.get(b"content-type", b"").decode("latin-1").split(";")[0]
        return FetchedPage(url, b"".join(parts), media_type.strip().lower())


def _headers_of(response: httpcore.Response) -> dict[bytes, bytes]:
    return {name.lower(): value for name, value in response.headers}


def _retry_after(headers: Mapping[bytes, bytes]) -> float | None:
    """What a server asks to be waited for: seconds, or until a date."""
    said = headers.get(b"retry-after", b"").decode("latin-1").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)
