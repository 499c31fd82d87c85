"""Whether what is sent to a collector arrives: told when that changes, and not at each try."""

import logging
import time
from typing import Any, TypeAlias

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

Exporter: TypeAlias = OTLPSpanExporter | OTLPMetricExporter | OTLPLogExporter

_log = logging.getLogger("keepsake.telemetry")
_QUEUES = logging.getLogger("opentelemetry.sdk._shared_internal")
"""Says that what waits to be sent is full and the oldest is dropped."""


class Outages(logging.Filter):
    """Takes the place of what exporters log: a line for each try, for as long as nobody answers.

    The first of these lines of a failed export is in ours.
    """

    def __init__(self) -> None:
        super().__init__()
        self._why: dict[str, str] = {}
        self._since: dict[str, float] = {}
        _QUEUES.addFilter(self)

    def watch(self, signal: str, exporter: Exporter) -> None:
        """Tell when what it sends arrives no longer, and when it does again."""
        source = type(exporter).__module__
        logging.getLogger(source).filters.insert(0, self)  # before one that drops what repeats
        export = exporter.export

        def exported(*batch: Any, **options: Any) -> Any:
            self._why.pop(source, None)
            result = export(*batch, **options)
            self._ended(signal, source, arrived=result.name == "SUCCESS")
            return result

        exporter.export = exported  # type: ignore[method-assign]

    def _ended(self, signal: str, source: str, *, arrived: bool) -> None:
        now = time.monotonic()
        if not arrived and signal not in self._since:
            self._since[signal] = now
            why = self._why.get(source, "")
            _log.warning(f"telemetry.{signal.lower()}_away", extra={"why": why})
        elif arrived and signal in self._since:
            seconds = round(now - self._since.pop(signal), 1)
            _log.info(f"telemetry.{signal.lower()}_back", extra={"seconds": seconds})

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether OpenTelemetry's own line says more than ours."""
        if record.name == _QUEUES.name:
            return record.levelno > logging.WARNING or not self._since
        self._why.setdefault(record.name, record.getMessage())
        return False
