"""Attempts: a span for each, linked to the request that made the job, and what happens in it."""

import threading
import time
from collections import Counter
from typing import Any

from opentelemetry import context, trace
from opentelemetry.trace import Span, StatusCode

from keepsake.telemetry.propagation import links_to
from keepsake.telemetry.providers import Providers
from middleware.running import AttemptMiddleware, GiveUp, Retry, Run

_FIRST = 20
_BUCKETS_SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300, 900)


class Events:
    """What happens in an attempt: an event for the first of each kind, and how many there were.

    A span holds 128 events, of which the renewals of an hour would push out all others.
    """

    def __init__(self, span: Span) -> None:
        self._span = span
        self._seen: Counter[str] = Counter()

    def __call__(self, what: str) -> None:
        """Tell of it; the heartbeat may be a moment late."""
        self._seen[what] += 1
        if self._seen[what] <= _FIRST and self._span.is_recording():
            self._span.add_event(what)

    @property
    def counts(self) -> dict[str, int]:
        """How many there were of each kind."""
        return {f"keepsake.{what}.count": count for what, count in list(self._seen.items())}


class AttemptSpans(AttemptMiddleware):
    """A span from an attempt's claim to what is decided of its job; the record of that follows.

    It is no child of the request that made the job, which may be long over: a link leads there.
    """

    def __init__(self, providers: Providers) -> None:
        self._tracer = providers.tracer
        self._took = providers.durations(
            "keepsake.attempt.duration", "How long attempts ran.", _BUCKETS_SECONDS
        )
        self._waited = providers.durations(
            "keepsake.job.wait.duration", "From when a job was due to its claim.", _BUCKETS_SECONDS
        )
        self._running = providers.meter.create_up_down_counter(
            "keepsake.attempt.running", "{attempt}", "Attempts that run now."
        )
        self._thread = threading.local()

    def started(self, run: Run) -> None:
        """Begin the span."""
        claim = run.attempt.claim
        job = claim.job
        kind = {"keepsake.job.type": job.type}
        about: dict[str, str | int] = {
            "keepsake.job.id": job.id, "keepsake.attempt.number": claim.attempt, **kind,
        }  # fmt: skip
        span = self._tracer.start_span(
            f"attempt {job.type}", attributes=about, links=links_to(job.trace)
        )
        waited = claim.waited_seconds
        span.add_event(
            "claim", {"keepsake.claim.token": claim.token, "keepsake.job.waited": waited}
        )
        run.attempt.happened = events = Events(span)
        self._thread.open = span, events, context.attach(trace.set_span_in_context(span))
        self._waited.record(waited, kind)
        self._running.add(1, kind)

    def ended(self, run: Run) -> None:
        """Tell what becomes of the job, and end the span."""
        span: Span
        span, events, entered = self._thread.open
        kind = {"keepsake.job.type": run.attempt.claim.job.type}
        outcome = {"keepsake.attempt.outcome": run.outcome}
        _decided(span, run)
        span.set_attributes({**outcome, **events.counts})
        span.end()
        context.detach(entered)
        self._running.add(-1, kind)
        self._took.record(time.monotonic() - run.started, kind | outcome)


def _decided(span: Span, run: Run) -> None:
    """Tell of a failure its type; its message may quote somebody."""
    match run.decision:
        case Retry(error, delay_seconds, outage):
            after = {"keepsake.retry.delay": delay_seconds, "keepsake.retry.outage": outage}
            _failed(span, "retry", error["type"], after)
        case GiveUp(error):
            _failed(span, "dead_letter", error["type"], {})
        case None:
            if run.stop is not None:
                span.add_event("stop", {"keepsake.stop": type(run.stop).__name__})


def _failed(span: Span, event: str, error_type: str, about: dict[str, Any]) -> None:
    span.add_event(event, {"error.type": error_type, **about})
    span.set_attribute("error.type", error_type)
    span.set_status(StatusCode.ERROR)
