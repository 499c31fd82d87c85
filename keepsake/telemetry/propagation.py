"""Trace contexts as the jobs' records and messages hold them: the W3C's traceparent."""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Sampler, SamplingResult
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanKind,
    TraceState,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes

_PROPAGATOR = TraceContextTextMapPropagator()
_NAME = "traceparent"


def written(span: Span) -> str | None:
    """The traceparent that leads to a span; None if it is none."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, set_span_in_context(span, Context()))
    return carrier.get(_NAME)


def context_of(traceparent: str | None) -> Context:
    """The context of what a traceparent leads to; an empty one without it."""
    return _PROPAGATOR.extract({_NAME: traceparent} if traceparent else {}, Context())


def links_to(traceparent: str | None) -> list[Link]:
    """A link to what a traceparent leads to; records of before this and of chores have none."""
    context = get_current_span(context_of(traceparent)).get_span_context()
    return [Link(context)] if context.is_valid else []


class SampledAsLinked(Sampler):
    """Decides of a span that begins a trace by what it is linked to, so that both are there.

    The configured sampler gets the linked trace's id; and if that trace is sampled, it as parent.
    """

    def __init__(self, configured: Sampler) -> None:
        self._configured = configured

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Whether to record a span, and to export it."""
        if links and not get_current_span(parent_context).get_span_context().is_valid:
            linked = links[0].context
            trace_id = linked.trace_id
            if linked.trace_flags.sampled:
                parent_context = set_span_in_context(NonRecordingSpan(linked))
        return self._configured.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        """Its name, for people."""
        return f"SampledAsLinked{{{self._configured.get_description()}}}"
