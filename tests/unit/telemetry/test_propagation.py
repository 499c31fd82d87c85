"""What leads from a request to its job's attempts, and what is sampled of both."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    DEFAULT_OFF,
    DEFAULT_ON,
    ParentBasedTraceIdRatio,
)
from opentelemetry.trace import INVALID_SPAN

from keepsake.telemetry.propagation import SampledAsLinked, context_of, links_to, written

LOW, HIGH = "0" * 16 + "1" * 16, "0" * 16 + "f" * 16
"""Trace ids that a ratio keeps, and that it drops."""


def traceparent(trace=LOW, *, sampled=True):
    return f"00-{trace}-{'b' * 16}-{'01' if sampled else '00'}"


def test_a_traceparent_is_read_as_it_is_written():
    tracer = TracerProvider(sampler=ALWAYS_ON).get_tracer("test")
    span = tracer.start_span("accept", context_of(traceparent()))

    (link,) = links_to(written(span))
    assert link.context.span_id == span.get_span_context().span_id
    assert f"{link.context.trace_id:032x}" == LOW
    assert written(INVALID_SPAN) is None


@pytest.mark.parametrize("none", [None, "", "00-zz-11-01", f"00-{'0' * 32}-{'b' * 16}-01"])
def test_a_record_without_a_trace_has_no_link(none):
    assert links_to(none) == []


@pytest.mark.parametrize(
    ("configured", "linked", "recorded"),
    [
        (DEFAULT_ON, traceparent(), True),
        (DEFAULT_ON, traceparent(sampled=False), True),
        (ALWAYS_OFF, traceparent(), False),
        (DEFAULT_OFF, traceparent(), True),
        (ParentBasedTraceIdRatio(0.5), traceparent(HIGH), True),
        (ParentBasedTraceIdRatio(0.5), traceparent(HIGH, sampled=False), False),
        (ParentBasedTraceIdRatio(0.5), traceparent(LOW, sampled=False), True),
        (DEFAULT_ON, None, True),
        (DEFAULT_OFF, None, False),
    ],
)
def test_an_attempt_is_sampled_as_its_request_was(configured, linked, recorded):
    tracer = TracerProvider(sampler=SampledAsLinked(configured)).get_tracer("test")

    span = tracer.start_span("process", links=links_to(linked))

    assert span.is_recording() is recorded


def test_a_span_within_another_is_sampled_as_that_one():
    tracer = TracerProvider(sampler=SampledAsLinked(DEFAULT_OFF)).get_tracer("test")
    unsampled = context_of(traceparent(sampled=False))

    assert not tracer.start_span("attempt", unsampled, links=links_to(traceparent())).is_recording()
