"""Messages of RabbitMQ, after the messaging conventions."""

import threading
import time
from collections.abc import Callable
from typing import Any

from dramatiq import Broker, Message, Middleware
from dramatiq.broker import MessageProxy
from opentelemetry import context, trace
from opentelemetry.trace import Span, SpanKind, StatusCode

from keepsake.telemetry.propagation import context_of, links_to, written
from keepsake.telemetry.providers import Providers

_TRACEPARENT = "traceparent"
_PUBLISH, _PROCESS = "publish", "process"


class Publishes:
    """A span for each message, from when it is handed over to RabbitMQ's confirm.

    It is in the trace of the request that made the job. The message leads on to it.
    """

    def __init__(self, providers: Providers) -> None:
        self._tracer = providers.tracer
        self._sent = providers.meter.create_counter(
            "messaging.client.sent.messages", "{message}", "Messages that were published."
        )
        self._durations = providers.durations(
            "messaging.client.operation.duration", "From a publish to RabbitMQ's confirm."
        )

    def sending(
        self, message: Message[Any], settled: Callable[[bool], None]
    ) -> Callable[[bool], None]:
        """Begin the span of a message; what is returned ends it."""
        began, about = time.perf_counter(), _about(message.queue_name, _PUBLISH, "send")
        span = self._tracer.start_span(
            f"{_PUBLISH} {message.queue_name}",
            context_of(message.options.get(_TRACEPARENT)),
            SpanKind.PRODUCER,
            {**about, "messaging.message.id": message.message_id},
        )
        if (traceparent := written(span)) is not None:
            message.options[_TRACEPARENT] = traceparent

        def answered(confirmed: bool) -> None:  # noqa: FBT001 - its one argument
            end = about if confirmed else {**about, "error.type": "unconfirmed"}
            if not confirmed:
                span.set_attributes(end)
                span.set_status(StatusCode.ERROR)
            span.end()
            self._sent.add(1, end)
            self._durations.record(time.perf_counter() - began, end)
            settled(confirmed)

        return answered


class Deliveries(Middleware):
    """A span for what a thread does with a message, which begins a trace, linked to its publish.

    It is the outermost middleware: the claim and the record of the end are within.
    """

    def __init__(self, providers: Providers, last: Callable[[], None]) -> None:
        self._tracer = providers.tracer
        self._last = last
        self._durations = providers.durations(
            "messaging.process.duration", "What a worker did for a message."
        )
        self._thread = threading.local()

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Begin the span."""
        about = _about(message.queue_name, _PROCESS, _PROCESS)
        span = self._tracer.start_span(
            f"{_PROCESS} {message.queue_name}",
            context.Context(),
            SpanKind.CONSUMER,
            {**about, "messaging.message.id": message.message_id},
            links_to(message.options.get(_TRACEPARENT)),
        )
        entered = context.attach(trace.set_span_in_context(span))
        self._thread.open = (span, entered, time.perf_counter(), about)

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        """End the span; an exception is of what surrounds attempts: MongoDB is away."""
        self._end(exception)

    def after_skip_message(self, broker: Broker, message: MessageProxy) -> None:
        """End the span of a message that found nothing to run."""
        trace.get_current_span().set_attribute("keepsake.message.skipped", value=True)
        self._end(None)

    def after_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """Send what is left: nothing happens any more."""
        self._last()

    def _end(self, exception: BaseException | None) -> None:
        span: Span
        span, entered, began, about = self._thread.open
        if exception is not None:
            about = {**about, "error.type": type(exception).__name__}
            span.set_attributes(about)
            span.set_status(StatusCode.ERROR)
        span.end()
        context.detach(entered)
        self._durations.record(time.perf_counter() - began, about)


def _about(queue: str, name: str, kind: str) -> dict[str, str]:
    return {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": queue,
        "messaging.operation.name": name,
        "messaging.operation.type": kind,
    }
