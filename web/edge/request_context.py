"""The ASGI layers around the application: what holds for every request and answer.

`RequestContext` refuses malformed header lines, names the request, admits its body, completes the
answer's headers and records the request. The others serve HEAD, encoded slashes in a path, and
answers that stop half-way.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from middleware.logs import REQUEST_ID, GatheredLines
from web.edge.body_limits import limited
from web.edge.replies import GONE, reply
from web.problems import Problem

_ONCE = frozenset({
    b"authorization", b"content-type", b"host", b"idempotency-key", b"last-event-id",
    b"x-repository-token",
})  # fmt: skip
"""Headers that may come once. Lists (`Prefer`, `If-None-Match`) may come in several lines; of
several `X-Request-ID` or `traceparent`, which only name a request, none is taken."""
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%\-]*)(:[0-9]{0,5})?")
Admit = Callable[[Scope], Awaitable[object]]
_REQUEST_ID = re.compile(r"[\w.:\-]{1,128}", re.ASCII)
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
"""Of every HTML answer that says no other: it runs and loads nothing and stands in no frame."""
_BUCKETS_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10, 30)
_ANSWERED = Histogram(
    "keepsake_http_seconds",
    "From a request to the head of its answer",
    ["method", "route", "status"],
    buckets=_BUCKETS_SECONDS,
)
_REPOSITORIES = "/v2/scanner/repositories/"
_SLASH = re.compile("%2f", re.IGNORECASE)


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


class RequestContext:
    """Wraps the application, so that it holds for every answer, a 500 too.

    admit: lets a request's body be read, or raises. The router asks for a body before it asks who
    sends it, so it is asked here. streamed: the limits of paths whose bodies are read in pieces.
    """

    def __init__(
        self,
        app: ASGIApp,
        body_limit_bytes: int,
        admit: Admit,
        *,
        streamed: Mapping[str, int] | None = None,
        access_log: bool = True,
    ) -> None:
        self._app = app
        self._limit = body_limit_bytes
        self._streamed = streamed or {}
        self._admit = admit
        self._access_log = access_log
        self._lines = GatheredLines("keepsake.access", "request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            self._lines.write()  # the server ends after its lifespan, perhaps by a signal
            return
        began = time.perf_counter()
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(",".join(headers.getlist("x-request-id")))
        REQUEST_ID.set(state["request_id"])
        state["began"] = began
        complete = False
        status = GONE

        async def completed_send(message: Message) -> None:
            nonlocal complete, status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(MutableHeaders(scope=message), status, state)
                _count(scope, status, began)
            await send(message)
            complete = message["type"] == "http.response.body" and not message.get("more_body")

        try:
            await self._serve(scope, receive, completed_send, headers)
        except Exception:
            # A 500 is raised once more after it was logged and answered: Starlette leaves it to
            # the server, which would close the connection under the client's next request.
            if not complete:
                raise
        finally:
            if self._access_log:
                self._lines.add(_line(scope, status, began))

    async def _serve(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        try:
            require_well_formed(scope)
            if "content-length" in headers or "transfer-encoding" in headers:
                most = self._streamed.get(scope["path"], self._limit)
                receive = limited(self._admitted(scope, receive), headers, most)
        except Problem as problem:
            await reply(Request(scope), problem)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _admitted(self, scope: Scope, receive: Receive) -> Receive:
        """Reads a body only once its sender is admitted."""
        admitted, expected = False, True

        async def admitting() -> Message:
            nonlocal admitted, expected
            if not admitted:
                await self._admit(scope)
                admitted = True
            message = await receive()
            if message["type"] == "http.disconnect":
                scope["state"]["gone"] = expected
            else:
                expected = message.get("more_body", False)
            return message

        return admitting


def _request_id(sent: str) -> str:
    """The client's own id, if it is one that logs can hold."""
    return sent if _REQUEST_ID.fullmatch(sent) else uuid4().hex


def _complete(headers: MutableHeaders, status: int, state: dict[str, Any]) -> None:
    headers["X-Request-ID"] = state["request_id"]
    headers["X-Content-Type-Options"] = "nosniff"
    for name, value in state.get("limit_headers", {}).items():
        headers[name] = value
    if headers.get("content-type", "").startswith("text/html"):
        for name, value in _PAGE_HEADERS.items():
            headers.setdefault(name, value)
    if status == HTTPStatus.NO_CONTENT:
        del headers["Content-Type"]
    if status == HTTPStatus.TEMPORARY_REDIRECT:  # Starlette's, which names the host of the client
        target = urlsplit(headers["Location"])
        headers["Location"] = target.path + (f"?{target.query}" if target.query else "")


def _count(scope: Scope, status: int, began: float) -> None:
    """Count an answer; `began` is by `time.perf_counter`."""
    route = route_of(scope) or "none"
    _ANSWERED.labels(scope["method"], route, status).observe(time.perf_counter() - began)


def route_of(scope: Scope) -> str | None:
    """The path of the route that served; of a mounted application with where that is."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return None if path is None else scope.get("root_path", "") + path


def _line(scope: Scope, status: int, began: float) -> dict[str, object]:
    """What the log says of a request; `began` is by `time.perf_counter`."""
    state = scope["state"]
    principal = state.get("principal")
    return {
        "request_id": state["request_id"],
        "method": scope["method"],
        "route": route_of(scope),
        "status": status,
        "duration_ms": round((time.perf_counter() - began) * 1000, 2),
        "owner_hash": _hashed(principal.owner) if principal else None,
    }


@lru_cache(maxsize=10_000)
def _hashed(owner: str) -> str:
    """A hash of an owner's name, so that its lines can be selected and the log names no owner."""
    return hashlib.sha256(owner.encode()).hexdigest()[:16]


class HeadRequests:
    """Answers HEAD with the head of what GET answers (RFC 9110, 9.3.2).

    A stream of events ends with its head: to the application the client has then left.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        complete = False

        async def send_head(message: Message) -> None:
            nonlocal complete
            if message["type"] == "http.response.start":
                await send(message)
            elif not complete:
                complete = True
                await send({"type": "http.response.body", "body": b""})

        await self._app({**scope, "method": "GET"}, receive, send_head)


class EncodedSlashes:
    """Leaves encoded slashes encoded below repositories: GitLab's `group/subgroup` is one name.

    A server decodes a path before it is split, so `group%2Fsubgroup` would be two segments; it is
    one (RFC 3986, 2.2). Routes decode the rest (`web.scanner.places.Org`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["path"].startswith(_REPOSITORIES):
            raw = scope.get("raw_path", b"").decode("ascii", "replace")
            if _SLASH.search(raw):
                scope = {**scope, "path": unquote(_SLASH.sub("%252F", raw))}
        await self._app(scope, receive, send)


class UnfinishedAnswers:
    """Aborts the connection of an answer that stops half-way.

    It is the layer next to the server, which would log an error for an answer without an end. The
    transport is aborted, not closed: what a closed one has left to send keeps it open.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        unfinished = False

        async def watched_send(message: Message) -> None:
            nonlocal unfinished
            unfinished = message.get("more_body", False)
            await send(message)

        await self._app(scope, receive, watched_send)
        if unfinished:
            cast("Any", send).__self__.transport.abort()
            await asyncio.sleep(0)  # the server must notice before it looks for the answer's end
