"""An event loop that tells of whatever blocks it: `uvicorn --loop …watched_loop:WatchedLoop`."""

import asyncio
import logging
import sys
import traceback
from typing import Any

from pymongo import monitoring

SLOW_SECONDS = 0.2
TOLD = "blocks the event loop"
_BLOCKING = {
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
    "subprocess.Popen", "os.system",
}  # fmt: skip
_log = logging.getLogger("keepsake.watched")


class WatchedLoop(asyncio.SelectorEventLoop):
    """Debug mode's slow callbacks, less the time in which others had the CPU; and guards."""

    def __init__(self) -> None:
        super().__init__()
        self.set_debug(True)
        self.slow_callback_duration = SLOW_SECONDS
        monitoring.register(_Commands())
        sys.addaudithook(_audited)

    def time(self) -> float:
        """Monotonic, but it stands still while the kernel lets this thread wait for a CPU."""
        return super().time() - _queued_seconds()


class _Commands(monitoring.CommandListener):
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        _require_off_loop(f"MongoDB's {event.command_name}")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing."""


def _audited(event: str, _: tuple[Any, ...]) -> None:
    if event in _BLOCKING:
        _require_off_loop(event)


def _require_off_loop(what: str) -> None:
    if asyncio._get_running_loop() is not None:
        stack = "".join(traceback.format_stack(limit=12))
        _log.error("%s %s\n%s", what, TOLD, stack)


def _queued_seconds() -> float:
    """Linux's schedstat: on the CPU, waiting for one, slices."""
    with open("/proc/thread-self/schedstat") as told:  # noqa: PTH123 - pathlib is slower
        return int(told.read().split()[1]) / 1e9
