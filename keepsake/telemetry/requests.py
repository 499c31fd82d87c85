"""HTTP requests, after the HTTP conventions, without their paths, queries and clients."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode

from keepsake.telemetry.propagation import context_of, written
from keepsake.telemetry.providers import Providers

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
_METHODS = frozenset({
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
})  # fmt: skip
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds for ever: measured, but no trace each."""
_ENDS = frozenset({"lifespan.shutdown.complete", "lifespan.shutdown.failed"})
_SERVER_ERROR = 500


class Requests:
    """An ASGI layer that measures each request and makes a span of it, in its client's trace.

    The state of the request's scope then has `trace`: what the jobs that it makes lead back to.

    route_of: the route that served a scope, without what stood in its place. last: called when the
    application has ended, before its server does.
    """

    def __init__(
        self,
        app: Application,
        providers: Providers,
        route_of: Callable[[Scope], str | None],
        last: Callable[[], Awaitable[None]],
    ) -> None:
        self._app, self._route_of, self._last = app, route_of, last
        self._tracer = providers.tracer
        self._durations = providers.durations(
            "http.server.request.duration", "Duration of HTTP server requests."
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, self._ending(send))
            return
        began, status, failure = time.perf_counter(), 0, ""

        async def heard(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        span = self._span(scope)
        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                await self._app(scope, receive, heard)
        except BaseException as error:
            failure = type(error).__name__
            raise
        finally:
            if status >= _SERVER_ERROR or not status:
                failure = failure or str(status or "incomplete")
            about = self._answered(scope, status, failure)
            self._end(span, about)
            self._durations.record(time.perf_counter() - began, about)

    def _span(self, scope: Scope) -> Span:
        if scope["path"] in _PROBES:
            return trace.INVALID_SPAN
        method = _method(scope)
        span = self._tracer.start_span(
            "HTTP" if method == "_OTHER" else method,
            context_of(_traceparent(scope)),
            SpanKind.SERVER,
            {
                "http.request.method": method,
                "url.scheme": scope["scheme"],
                "network.protocol.version": scope["http_version"],
            },
        )
        if (traceparent := written(span)) is not None:
            scope.setdefault("state", {})["trace"] = traceparent
        return span

    def _answered(self, scope: Scope, status: int, failure: str) -> dict[str, str | int]:
        about: dict[str, str | int] = {
            "http.request.method": _method(scope), "url.scheme": scope["scheme"],
        }  # fmt: skip
        if (route := self._route_of(scope)) is not None:
            about["http.route"] = route
        if status:
            about["http.response.status_code"] = status
        if failure:
            about["error.type"] = failure
        return about

    @staticmethod
    def _end(span: Span, about: dict[str, str | int]) -> None:
        if "http.route" in about and about["http.request.method"] != "_OTHER":
            span.update_name(f"{about['http.request.method']} {about['http.route']}")
        span.set_attributes(about)
        if "error.type" in about:
            span.set_status(StatusCode.ERROR)
        span.end()

    def _ending(self, send: Send) -> Send:
        async def heard(message: Message) -> None:
            if message["type"] in _ENDS:
                await self._last()
            await send(message)

        return heard


def _method(scope: Scope) -> str:
    """A method that the conventions know: clients may send any word."""
    return scope["method"] if scope["method"] in _METHODS else "_OTHER"


def _traceparent(scope: Scope) -> str | None:
    """The client's, if it sent one; of several none is taken."""
    sent = [value for name, value in scope["headers"] if name == b"traceparent"]
    return sent[0].decode("latin-1") if len(sent) == 1 else None
