"""Hears that the server is to stop while its last requests are still open.

uvicorn tells the application only after its last answer, and an event stream has none: whoever
waits must be let go first, or a stop lasts until somebody kills the process.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def heard(leave: Callable[[], None]) -> Iterator[None]:
    """Call `leave` on the event loop at the first sign of a stop; the server's handlers follow."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(leave)
        then = servers[signal.Signals(number)]
        if callable(then):
            then(number, frame)

    for number in servers:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number, handler in servers.items():
            signal.signal(number, handler)
