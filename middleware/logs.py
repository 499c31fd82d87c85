"""Structured logs: one JSON line per event, with no user's text in it."""

import asyncio
import json
import logging
import math
import sys
import threading
import time
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime

from keepsake.storage import redacted

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message", "asctime", "taskName", "color_message",
}  # fmt: skip
"""What every record has, and uvicorn's coloured message; all else was passed as `extra`."""
_LONGEST = 200
_SUPPRESSED_SECONDS = 1.0
_GATHERED_SECONDS = 0.05
_EVENTS_KEPT = 1_000
REQUEST_ID: ContextVar[str] = ContextVar("request_id")
"""The id of the request that is being answered; every line that is logged for it has it."""
_QUIET = {
    "pymongo": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "mcp": logging.WARNING,
    "python_multipart": logging.ERROR,
    "pika": logging.CRITICAL,
    "opentelemetry": logging.WARNING,
}
"""At DEBUG pymongo logs whole documents; of a broker that is away pika tells eight times for each
try, and Dramatiq and we once. A bad form is its sender's fault, and answered."""


class JsonLines(logging.Formatter):
    """One line of JSON per record."""

    def format(self, record: logging.LogRecord) -> str:
        """Render time, level, event and every extra field."""
        line = _head(record.created, record.levelname.lower(), record.name, record.getMessage())
        if request_id := REQUEST_ID.get(""):
            line["request_id"] = request_id
        line |= fields_of(record)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return redacted(json.dumps(line))


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """What was passed as `extra`, as a line shows it."""
    return {name: _shown(value) for name, value in vars(record).items() if name not in _STANDARD}


class GatheredLines:
    """Lines of level info about one event that comes often, for one event loop.

    They are those that `JsonLines` writes, at most 50 ms later and all in one write.
    """

    def __init__(self, logger: str, event: str) -> None:
        self._logger = logging.getLogger(logger)
        self._event = event
        self._lines: list[str] = []

    def add(self, fields: Mapping[str, object]) -> None:
        """Write a line about the event, soon."""
        if not self._logger.isEnabledFor(logging.INFO):
            return
        if not self._lines:
            asyncio.get_running_loop().call_later(_GATHERED_SECONDS, self.write)
        shown = {name: _shown(value) for name, value in fields.items()}
        head = _head(time.time(), "info", self._logger.name, self._event)
        self._lines.append(json.dumps({**head, **shown}))

    def write(self) -> None:
        """Write what waits."""
        if self._lines:
            lines, self._lines = self._lines, []
            sys.stderr.write(redacted("\n".join(lines)) + "\n")


def _head(at: float, level: str, logger: str, event: str) -> dict[str, object]:
    """What every line begins with."""
    return {
        "time": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "logger": logger,
        "event": event,
    }


def _shown(value: object) -> object:
    """A field's value: short texts and numbers, or only a type, since all else may hold a text."""
    if isinstance(value, str):
        return value[:_LONGEST]
    if isinstance(value, (list, tuple)):
        return [_shown(part) for part in value[:_LONGEST]]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return value.isoformat() if isinstance(value, datetime) else type(value).__name__


class Repeated(logging.Filter):
    """Lets a warning or error of one kind, about one job, through once a second.

    The next that is let through says how many were not.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kinds: dict[tuple[object, ...], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to tell of it."""
        if record.levelno < logging.WARNING:
            return True
        event = str(record.msg).partition("\n")[0][:_LONGEST]
        kind = (record.name, event, record.exc_info and record.exc_info[0],
                getattr(record, "job_id", None))  # fmt: skip
        now = time.monotonic()
        with self._lock:
            told_at, suppressed = self._kinds.get(kind, (-math.inf, 0))
            if now - told_at < _SUPPRESSED_SECONDS:
                self._kinds[kind] = (told_at, suppressed + 1)
                return False
            if len(self._kinds) >= _EVENTS_KEPT:
                self._kinds.clear()
            self._kinds[kind] = (now, 0)
        if suppressed:
            record.suppressed = suppressed
        return True


class Expected(logging.Filter):
    """Drops what is normal here: what is not due is skipped, and a worker may end by itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record tells anything."""
        said = record.getMessage()
        return "was skipped" not in said and "exited unexpectedly (code 0)" not in said


def configure_logs(level: int = logging.INFO) -> None:
    """Log to standard error. Drivers keep levels of their own."""
    # No line shows them: https://docs.python.org/3/howto/logging.html#optimization
    logging._srcfile = None  # noqa: SLF001
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers.clear()
    root.setLevel(level)
    log_to(handler)
    for name, floor in _QUIET.items():
        logging.getLogger(name).setLevel(floor)


def log_to(handler: logging.Handler) -> None:
    """Have a handler get what is worth telling, beside those that do already."""
    handler.addFilter(Expected())
    handler.addFilter(Repeated())
    logging.getLogger().addHandler(handler)
