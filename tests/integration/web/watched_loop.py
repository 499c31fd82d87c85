"""An event loop that tells of whatever blocks it, and a web server on it: `python -m`.

A callback is measured by the CPU it takes, and what waits is known by what it calls: how long
either lasts on a busy machine says nothing.
"""

import asyncio
import logging
import sys
import threading
import time
import traceback
from asyncio import Handle
from typing import Any

from pymongo import monitoring

MOST_CPU_SECONDS = 0.2
BLOCKS = "blocks the event loop"
_BLOCKING = {
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
    "subprocess.Popen", "os.system",
}  # fmt: skip
_log = logging.getLogger("keepsake.watched")


class WatchedLoop(asyncio.SelectorEventLoop):
    """Guards whatever its callbacks do; for a process that has no other use for the guards."""

    def __init__(self) -> None:
        super().__init__()
        monitoring.register(_Commands())
        sys.addaudithook(_audited)
        Handle._run = _measured(Handle._run)
        threading.Condition.wait = _waiting(threading.Condition.wait)


class _Commands(monitoring.CommandListener):
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if _asked_by_a_blocking_client():
            _require_off_loop(f"MongoDB's {event.command_name}")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing."""


def _asked_by_a_blocking_client() -> bool:
    frames = traceback.walk_stack(sys._getframe())
    return any("/pymongo/synchronous/" in frame.f_code.co_filename for frame, _ in frames)


def _measured(run):
    def measured(handle: Handle) -> None:
        before = time.thread_time()
        run(handle)
        spent = time.thread_time() - before
        if spent > MOST_CPU_SECONDS:
            _log.error("%r %s: %.3f s of CPU", handle, BLOCKS, spent)

    return measured


def _waiting(wait):
    """What threads wait for each other with: events, futures, queues, pools."""

    def guarded(condition: threading.Condition, timeout: float | None = None) -> bool:
        starts_a_thread = sys._getframe(2).f_code is threading.Thread.start.__code__
        if timeout != 0 and not starts_a_thread:
            _require_off_loop("a wait for another thread")
        return wait(condition, timeout)

    return guarded


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    waits = event != "socket.connect" or arguments[0].getblocking()
    if event in _BLOCKING and waits:
        _require_off_loop(event)


def _require_off_loop(what: str) -> None:
    if asyncio._get_running_loop() is not None:
        stack = "".join(traceback.format_stack(limit=12))
        _log.error("%s %s\n%s", what, BLOCKS, stack)


if __name__ == "__main__":
    from web.server import master, process

    this = "tests.integration.web.watched_loop"
    if sys.argv[1:]:
        process.serve(loop=f"{this}:WatchedLoop")
    else:
        sys.exit(master.main(this))
