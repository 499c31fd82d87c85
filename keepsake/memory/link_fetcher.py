"""Reading a shared link without being led where no fetch may go.

Only https on port 443 is followed, and only to public addresses. The address that was checked is
the one that is connected to, so a name cannot resolve to another one in between. The operator may
name hosts and ports to which these rules do not apply. Redirects are followed by hand and checked
like the first link. Time and size are bounded as a whole.
"""

import base64
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import httpcore

from keepsake.inference import ModelUnusable
from keepsake.memory.errors import FetchError, Forbidden, LinkAway, Unreachable
from keepsake.memory.settings import MemorySettings
from keepsake.storage import is_public

_PORT = 443
_IMAGE_BYTES = 5 << 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERRORS = 400
_SERVER_ERRORS = 500
_BUSY = frozenset({408, 425, 429})
_HEADERS = (
    ("User-Agent", "Mozilla/5.0 (compatible; Keepsake)"),
    ("Accept", "text/html,application/json,*/*"),
    ("Accept-Encoding", "identity"),
)

Resolve = Callable[[str], Sequence[str]]
"""The addresses of a host name."""


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
class FetchBounds:
    """How much, how long and how far."""

    most_bytes: int = 8 << 20
    seconds: float = 20.0
    redirects: int = 4


def resolve(host: str) -> list[str]:
    """The addresses of a name.

    Raises:
        Unreachable: It has none.
        LinkAway: No resolver answers.
    """
    try:
        addresses = socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        unknown = isinstance(error, UnicodeError) or error.errno == socket.EAI_NONAME
        kind = Unreachable if unknown else LinkAway
        raise kind("the link's host has no address") from None
    return [str(address[4][0]) for address in addresses]


class Fetcher:
    """Fetches pages. `tls` and `port` are for servers of a test's own.

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
        port: int = _PORT,
    ) -> None:
        self._bounds = bounds or FetchBounds()
        self._resolve = resolver
        self._allowed = allowed or is_public
        named = MemorySettings().link_hosts if trusted is None else trusted
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

    def _once(self, url: str, until: float) -> FetchedPage | str:
        """The page, or where it redirects to."""
        host, port = destination(url, self._trusted)
        address = self._checked(host, port)
        network = PinnedNetwork(address, self._port if port == _PORT else port, until)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._tls, network_backend=network) as pool,
                pool.stream("GET", urldefrag(url).url, headers=_HEADERS) as response,
            ):
                return self._answer(response, url)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError,
                httpcore.UnsupportedProtocol) as error:  # fmt: skip
            if any(isinstance(why, ssl.SSLCertVerificationError) for why in error.args):
                raise Unreachable("the link's certificate is not trusted") from None
            raise LinkAway(f"the link did not answer ({type(error).__name__})") from None

    def _checked(self, host: str, port: int) -> str:
        """One address of a host, when all of its addresses may be reached."""
        addresses = list(self._resolve(host))
        trusted = f"{host}:{port}" in self._trusted
        if not addresses or not (trusted or all(map(self._allowed, addresses))):
            raise Forbidden("the link leads to an address that is not public")
        return addresses[0]

    def _answer(self, response: httpcore.Response, url: str) -> FetchedPage | str:
        headers = {name.lower(): value for name, value in response.headers}
        if response.status in _REDIRECTS and b"location" in headers:
            return headers[b"location"].decode("latin-1")
        if response.status in _BUSY or response.status >= _SERVER_ERRORS:
            wait = headers.get(b"retry-after", b"")
            asked = float(wait) if wait.isdigit() else None
            raise LinkAway(f"the link answered {response.status}", asked)
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


class PinnedNetwork(httpcore.NetworkBackend):
    """Connects to one address whatever the name, and no longer than until a moment."""

    def __init__(self, address: str, port: int, until: float) -> None:
        self._address, self._port, self._until = address, port, until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the address that was checked, not to what the name resolves to by now."""
        stream = httpcore.SyncBackend().connect_tcp(
            self._address, self._port, remaining_seconds(self._until)
        )
        return _BoundedStream(stream, self._until)


class _BoundedStream(httpcore.NetworkStream):
    """A stream whose reads and writes together take no longer than until a moment."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining_seconds(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining_seconds(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = remaining_seconds(self._until)
        return _BoundedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._until
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def remaining_seconds(until: float) -> float:
    """How long there is until a moment.

    Raises:
        httpcore.ReadTimeout: It is over.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return left


def with_port(host: str) -> str:
    """`host:port`, in the way that destinations are compared."""
    return host.lower() if ":" in host else f"{host.lower()}:{_PORT}"


def destination(url: str, trusted: frozenset[str] = frozenset()) -> tuple[str, int]:
    """The host and port of a link that may be followed.

    trusted: `host:port` of those that need not be public.

    Raises:
        Forbidden: It is no plain https link to a named host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORT
    except ValueError:
        raise Forbidden("the link cannot be read") from None
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.username is not None or parts.password is not None or not host:
        raise Forbidden("the link must name a host and no login")
    if parts.scheme == "https" and f"{host}:{port}" in trusted:
        return host, port
    if parts.scheme != "https" or port != _PORT:
        raise Forbidden("only https links on the usual port are followed")
    if "." not in host or _is_address(host):
        raise Forbidden("the link must name a public host")
    return host, port


def _is_address(host: str) -> bool:
    """Also the short and numeric forms that resolvers take for addresses."""
    try:
        socket.inet_aton(host)
    except OSError:
        return host.startswith("[") or ":" in host
    return True


class Images:
    """Turns what a turn gives as its image into a data URI.

    A vision model is shown an image itself, never a link: its server may stand inside our network,
    and a link that it followed could reach what only insiders may.
    """

    def __init__(self, fetcher: Fetcher | None = None) -> None:
        self._fetcher = fetcher or Fetcher(FetchBounds(most_bytes=_IMAGE_BYTES, seconds=10))

    def shown(self, url: str) -> str:
        """The image as a data URI.

        Raises:
            ModelUnusable: There is none to be shown; the message names no host.
        """
        shown = url if url.startswith("data:") else self._read(url)
        if not shown.startswith("data:image/"):
            raise ModelUnusable("what was given as an image is none")
        return shown

    def _read(self, url: str) -> str:
        try:
            page = self._fetcher.fetch(url)
        except FetchError as error:
            raise ModelUnusable(f"the image was not read: {error}") from None
        return f"data:{page.media_type};base64,{base64.b64encode(page.content).decode()}"
