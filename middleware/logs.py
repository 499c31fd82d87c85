"""Structured logs: one JSON line per event, with no user's text in it."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from storage.redaction import redacted

_FIELDS = ("job_id", "type", "owner", "attempt", "token", "outcome", "elapsed_ms", "state",
           "queue", "worker", "request_id", "trace_id", "method", "route", "status",
           "error", "traceback")  # fmt: skip
REQUEST_ID: ContextVar[str] = ContextVar("request_id")
"""The id of the request that is being answered; every line that is logged for it has it."""
_QUIET = {
    "pymongo": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "pika": logging.CRITICAL,
}
"""At DEBUG pymongo logs whole documents; of a broker that is away pika tells eight times for each
try, and Dramatiq and we once."""


class JsonLines(logging.Formatter):
    """One line of JSON per record."""

    def format(self, record: logging.LogRecord) -> str:
        """Render time, level, event and the known extra fields."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if request_id := REQUEST_ID.get(""):
            line["request_id"] = request_id
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return redacted(json.dumps(line, default=str))


class Expected(logging.Filter):
    """Drops what is normal here: a ring for a job that is not due is skipped."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record tells anything."""
        return "was skipped" not in record.getMessage()


def configure(level: int = logging.INFO) -> None:
    """Log to standard error. Drivers keep levels of their own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(Expected())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, floor in _QUIET.items():
        logging.getLogger(name).setLevel(floor)
