"""Header lines that make a request malformed, before its body is read."""

import re

from starlette.types import Scope

from web.problems import Problem

_ONCE = frozenset({
    b"authorization", b"content-type", b"host", b"idempotency-key", b"last-event-id",
    b"x-repository-token",
})  # fmt: skip
"""What means nothing twice. Lists (`Prefer`, `If-None-Match`) may come in several lines; of several
`X-Request-ID` or `traceparent`, which only name a request, none is taken."""
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%\-]*)(:[0-9]{0,5})?")


def require_well_formed(scope: Scope) -> None:
    """Let a request pass whose header lines can be understood in one way only.

    A host is asked of HTTP/1.1 alone, and may be empty (RFC 9112, 3.2).

    Raises:
        Problem: 400, which names the header.
    """
    names = [name for name, _ in scope["headers"] if name in _ONCE]
    if len(names) > len(set(names)):
        twice = next(name for name in names if names.count(name) > 1)
        raise _malformed(twice.decode().title(), "came more than once")
    host = dict(scope["headers"]).get(b"host")
    if host is None and scope["http_version"] == "1.1":
        raise _malformed("Host", "is missing")
    if host and not _HOST.fullmatch(host):
        raise _malformed("Host", "names no host")


def _malformed(name: str, fault: str) -> Problem:
    return Problem(400, "malformed-header", f"The header {name} {fault}.")
