"""An OpenTelemetry collector: it speaks OTLP by http/protobuf, and keeps what it is sent."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace

KINDS = {
    "/v1/traces": (trace.ExportTraceServiceRequest, trace.ExportTraceServiceResponse),
    "/v1/metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse),
    "/v1/logs": (logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse),
}


@dataclass
class Told:
    """A span, a metric or a log record, and the service that told it."""

    service: str
    it: Any

    @property
    def about(self) -> dict[str, Any]:
        return values(self.it.attributes)

    @property
    def events(self) -> dict[str, dict[str, Any]]:
        return {event.name: values(event.attributes) for event in self.it.events}

    @property
    def linked(self) -> list[tuple[bytes, bytes]]:
        return [(link.trace_id, link.span_id) for link in self.it.links]

    @property
    def itself(self) -> tuple[bytes, bytes]:
        return self.it.trace_id, self.it.span_id


@dataclass
class Collector:
    """What was sent."""

    endpoint: str
    requests: list[tuple[str, Any]] = field(default_factory=list)
    headers: list[Message] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def _told(self, path: str, resources: str, scopes: str, items: str) -> list[Told]:
        return [
            Told(values(resource.resource.attributes)["service.name"], item)
            for at, request in list(self.requests)
            if at == path
            for resource in getattr(request, resources)
            for scope in getattr(resource, scopes)
            for item in getattr(scope, items)
        ]

    @property
    def spans(self) -> list[Told]:
        return self._told("/v1/traces", "resource_spans", "scope_spans", "spans")

    @property
    def metrics(self) -> list[Told]:
        return self._told("/v1/metrics", "resource_metrics", "scope_metrics", "metrics")

    @property
    def logs(self) -> list[Told]:
        return self._told("/v1/logs", "resource_logs", "scope_logs", "log_records")


def values(attributes: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(part) for part in value.array_value.values]
    return getattr(value, kind) if kind else None


@contextmanager
def collecting() -> Iterator[Collector]:
    """Collect on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            kind, answer = KINDS[self.path]
            collector.raw.append(body)
            collector.headers.append(self.headers)
            collector.requests.append((self.path, kind.FromString(body)))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(answer().SerializeToString())

        def log_message(self, *_: object) -> None:
            """Tests look at what came."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield collector
        server.shutdown()
        thread.join()
