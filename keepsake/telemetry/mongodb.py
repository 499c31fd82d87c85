"""Commands of MongoDB, after the database conventions; what they ask and answer is not told."""

import time
from typing import Any, TypeAlias

from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from keepsake.telemetry.providers import Providers

_Ended: TypeAlias = CommandSucceededEvent | CommandFailedEvent


class Commands(CommandListener):
    """Measures every command, and makes spans of those within a request or an attempt.

    What housekeeping asks every second belongs to neither, and would be a trace each time. Only
    names are read of an event. OpenTelemetry's own instrumentation of pymongo would tell MongoDB's
    message of an error, which quotes values.
    """

    def __init__(self, providers: Providers) -> None:
        self._tracer = providers.tracer
        self._durations = providers.durations(
            "db.client.operation.duration", "Duration of database client operations."
        )
        self._collections: dict[int, str | None] = {}

    def started(self, event: CommandStartedEvent) -> None:
        """Note the collection: only this event has it."""
        named = "collection" if event.command_name == "getMore" else event.command_name
        collection = event.command.get(named)
        self._collections[event.request_id] = collection if isinstance(collection, str) else None

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Tell of it."""
        self._tell(event, None)

    def failed(self, event: CommandFailedEvent) -> None:
        """Tell of it with MongoDB's code, or the class of the driver's error."""
        failure = event.failure
        self._tell(event, str(failure.get("code") or failure.get("errtype") or "_OTHER"))

    def _tell(self, event: _Ended, error: str | None) -> None:
        collection = self._collections.pop(event.request_id, None)
        about: dict[str, Any] = {
            "db.system.name": "mongodb", "db.operation.name": event.command_name,
        }  # fmt: skip
        if collection is not None:
            about["db.collection.name"] = collection
        if error is not None:
            about["error.type"] = error
        self._durations.record(event.duration_micros / 1e6, about)
        if trace.get_current_span().is_recording():
            self._span(event, about, collection, error)

    def _span(
        self, event: _Ended, about: dict[str, Any], collection: str | None, error: str | None
    ) -> None:
        name = f"{event.command_name} {collection}" if collection else event.command_name
        host, port = event.connection_id
        place: dict[str, str | int] = {"db.namespace": event.database_name, "server.address": host}
        if port is not None:
            place["server.port"] = port
        ended = time.time_ns()
        span = self._tracer.start_span(
            name, kind=SpanKind.CLIENT, attributes={**about, **place},
            start_time=ended - event.duration_micros * 1000,
        )  # fmt: skip
        if error is not None:
            span.set_status(StatusCode.ERROR)
        span.end(ended)
