"""OpenTelemetry's SDK for one process, as its own variables configure it."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import uuid4

from opentelemetry._logs import LoggerProvider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import Histogram, Meter, MeterProvider, NoOpMeterProvider
from opentelemetry.sdk._logs import LoggerProvider as LoggerProviderOfSdk
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider as MeterProviderOfSdk
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider as TracerProviderOfSdk
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NoOpTracerProvider, Tracer, TracerProvider
from opentelemetry.util.types import AnyValue

import keepsake
from keepsake.telemetry.outages import Outages
from keepsake.telemetry.propagation import SampledAsLinked
from keepsake.telemetry.signals import Signal

_log = logging.getLogger("keepsake.telemetry")
_SCOPE = "keepsake"
_SCHEMA = "https://opentelemetry.io/schemas/1.44.0"
_CLOSING_SECONDS = 5.0
_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""As the conventions advise for durations of HTTP requests, database commands and messages."""


@dataclass(frozen=True, slots=True)
class Providers:
    """One for each signal; that of a signal that is not exported does nothing.

    None of them is OpenTelemetry's global one. FastAPI and the MCP library would use that, and
    export paths, queries and messages of exceptions, which name users.
    """

    traces: TracerProvider
    metrics: MeterProvider
    logs: LoggerProvider | None

    @property
    def tracer(self) -> Tracer:
        """What makes our spans."""
        return self.traces.get_tracer(_SCOPE, keepsake.__version__, _SCHEMA)

    @property
    def meter(self) -> Meter:
        """What makes our instruments."""
        return self.metrics.get_meter(_SCOPE, keepsake.__version__, _SCHEMA)

    def durations(
        self, name: str, description: str, buckets: Collection[float] = _BUCKETS_SECONDS
    ) -> Histogram:
        """A histogram of seconds."""
        return self.meter.create_histogram(
            name, "s", description, explicit_bucket_boundaries_advisory=list(buckets)
        )

    def close(self) -> None:
        """Send what is left, for a few seconds at most: the collector may be away."""
        closing = [
            threading.Thread(target=close, name="telemetry", daemon=True)
            for close in map(_closing, (self.traces, self.metrics, self.logs))
            if close is not None
        ]
        for thread in closing:
            thread.start()
        deadline = time.monotonic() + _CLOSING_SECONDS
        for thread in closing:
            thread.join(max(0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in closing):
            _log.warning("telemetry.not_sent")


def _closing(provider: object) -> Callable[[], None] | None:
    close: Callable[[], None] | None = getattr(provider, "shutdown", None)
    return close


def providers(service: str, asked: Collection[Signal]) -> Providers:
    """Those of this process, with their threads."""
    resource, outages = _resource(service), Outages()
    return Providers(
        _traces(resource, outages) if Signal.TRACES in asked else NoOpTracerProvider(),
        _metrics(resource, outages) if Signal.METRICS in asked else NoOpMeterProvider(),
        _logs(resource, outages) if Signal.LOGS in asked else None,
    )


def _resource(service: str) -> Resource:
    """What this process is; what the environment says of it goes before."""
    ours: dict[str, AnyValue] = {
        "service.name": service,
        "service.namespace": "keepsake",
        "service.version": keepsake.__version__,
        "service.instance.id": str(uuid4()),
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
    }
    return Resource.create(ours).merge(OTELResourceDetector().detect())


def _traces(resource: Resource, outages: Outages) -> TracerProvider:
    outages.watch(Signal.TRACES, exporter := OTLPSpanExporter())
    provider = TracerProviderOfSdk(resource=resource, shutdown_on_exit=False)
    provider.sampler = SampledAsLinked(provider.sampler)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _metrics(resource: Resource, outages: Outages) -> MeterProvider:
    outages.watch(Signal.METRICS, exporter := OTLPMetricExporter())
    reader = PeriodicExportingMetricReader(exporter)
    return MeterProviderOfSdk([reader], resource, shutdown_on_exit=False)


def _logs(resource: Resource, outages: Outages) -> LoggerProvider:
    outages.watch(Signal.LOGS, exporter := OTLPLogExporter())
    provider = LoggerProviderOfSdk(resource, shutdown_on_exit=False)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    return provider
