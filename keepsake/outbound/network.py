"""Where a request may go: https to public hosts, at the address that was checked, within a time."""

import math
import re
import socket
import ssl
import string
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore

from keepsake.outbound.errors import Forbidden, LinkAway, Unreachable

HTTPS = 443
_HEAD_BYTES = 256 << 10
"""Of an answer, with all that may stand before it: each costs a parser its time."""
_PUBLIC_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+")
"""Also of international names, which links write as `xn--`."""


def resolve(host: str) -> list[str]:
    """The addresses of a name.

    Raises:
        Unreachable: It has none.
        LinkAway: No resolver answers.
    """
    try:
        addresses = socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        unknown = isinstance(error, UnicodeError) or error.errno == socket.EAI_NONAME
        kind = Unreachable if unknown else LinkAway
        raise kind("the link's host has no address") from None
    return [str(address[4][0]) for address in addresses]


class PinnedNetwork(httpcore.NetworkBackend):
    """Connects to one address whatever the name, and no longer than until a moment.

    Until `begin_body` is called so much of an answer is read and no more.
    """

    def __init__(self, address: str, port: int, until: float) -> None:
        self._address, self._port, self._until = address, port, until
        self._left: float = _HEAD_BYTES

    def begin_body(self) -> None:
        """Let any number of bytes be read: the head is over."""
        self._left = math.inf

    def count(self, read: int) -> None:
        """Note what was read.

        Raises:
            httpcore.ReadError: It is too much for a head.
        """
        self._left -= read
        if self._left < 0:
            raise httpcore.ReadError("the head of the answer is too large")

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
        return _BoundedStream(stream, self._until, self.count)


class _BoundedStream(httpcore.NetworkStream):
    """A stream whose reads and writes together take no longer than until a moment.

    count: is told how much each read gave.
    """

    def __init__(
        self, stream: httpcore.NetworkStream, until: float, count: Callable[[int], None]
    ) -> None:
        self._stream, self._until, self._count = stream, until, count

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        piece = self._stream.read(max_bytes, remaining_seconds(self._until))
        self._count(len(piece))
        return piece

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
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _BoundedStream(secured, self._until, self._count)

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
    return host.lower() if ":" in host else f"{host.lower()}:{HTTPS}"


def destination(url: str, trusted: frozenset[str] = frozenset()) -> tuple[str, int]:
    """The host and port of a link that may be followed.

    trusted: `host:port` of those that need not be public.

    Raises:
        Forbidden: It is no plain https link to a named host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or HTTPS
    except ValueError:
        raise Forbidden("the link cannot be read") from None
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.username is not None or parts.password is not None or not host:
        raise Forbidden("the link must name a host and no login")
    if parts.scheme == "https" and f"{host}:{port}" in trusted:
        return host, port
    if parts.scheme != "https" or port != HTTPS:
        raise Forbidden("only https links on the usual port are followed")
    if not _PUBLIC_NAME.fullmatch(host) or _is_address(host):
        raise Forbidden("the link must name a public host")
    return host, port


def target_of(url: str) -> str:
    """A link as it is asked for: in ASCII, without what `urlsplit` drops and without a fragment."""
    written = urlsplit(url)._replace(fragment="").geturl()
    return quote(written, safe=string.punctuation, errors="replace")


def _is_address(host: str) -> bool:
    """Also the short and numeric forms that resolvers take for addresses."""
    try:
        socket.inet_aton(host)
    except OSError:
        return host.startswith("[") or ":" in host
    return True
