"""Log lines as OTLP's records: those of standard error, without what names people."""

import logging

from opentelemetry._logs import LoggerProvider, SeverityNumber
from opentelemetry.util.types import AnyValue

import keepsake
from keepsake.storage import redacted
from middleware.diagnosis import described
from middleware.logs import fields_of

_OURS = frozenset({"owner", "owner_hash", "request_id"})
"""Fields that name an owner, or hold what a client chose."""
_QUIET = ("opentelemetry", "urllib3")
"""What the export itself logs: sent, each failure would make the next one."""
_SEVERITIES = {
    logging.DEBUG: SeverityNumber.DEBUG,
    logging.INFO: SeverityNumber.INFO,
    logging.WARNING: SeverityNumber.WARN,
    logging.ERROR: SeverityNumber.ERROR,
    logging.CRITICAL: SeverityNumber.FATAL,
}


class LogRecords(logging.Handler):
    """Hands log records to the SDK. Of an exception they have its class and places, no message."""

    def __init__(self, provider: LoggerProvider) -> None:
        super().__init__()
        self._logger = provider.get_logger("keepsake", keepsake.__version__)

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one over; it belongs to the span that is current."""
        if record.name.startswith(_QUIET):
            return
        try:
            self._logger.emit(
                timestamp=int(record.created * 1e9),
                severity_number=_SEVERITIES.get(record.levelno, SeverityNumber.UNSPECIFIED),
                severity_text=record.levelname,
                body=redacted(record.getMessage()),
                attributes=_attributes(record),
            )
        except Exception:  # noqa: BLE001 - as every handler: a log line must break nothing
            self.handleError(record)


def _attributes(record: logging.LogRecord) -> dict[str, AnyValue]:
    attributes: dict[str, AnyValue] = {"logger": record.name}
    for name, value in fields_of(record).items():
        if name not in _OURS and value is not None:
            attributes[name] = _clean(value)
    raised = record.exc_info[1] if record.exc_info else None
    if isinstance(raised, Exception):
        error = described(raised)
        attributes |= {"exception.type": error["exception"], "traceback": error["traceback"]}
    return attributes


def _clean(value: object) -> AnyValue:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, list):
        return [_clean(part) for part in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return type(value).__name__
