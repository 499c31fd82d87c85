"""Waiting for a part to be ready, with a deadline."""

import threading
import time
from collections.abc import Callable

from keepsake.launcher.errors import CannotStart
from keepsake.launcher.process import Process

_PAUSE_SECONDS = 0.05


def until(ready: Callable[[], bool], process: Process, *, within_seconds: float) -> None:
    """Poll until a part is ready.

    Raises:
        CannotStart: It ended, or was not ready in time; a note has the end of its log.
    """
    pause = threading.Event()
    deadline = time.monotonic() + within_seconds
    while not ready():
        if not process.running:
            ended = CannotStart(f"{process.name} ended with exit code {process.exit_code}; "
                                f"see {process.log}")  # fmt: skip
            ended.add_note(process.tail())
            raise ended
        if time.monotonic() > deadline:
            raise CannotStart(f"{process.name} was not ready in {within_seconds:.0f} s; "
                              f"see {process.log}")  # fmt: skip
        pause.wait(_PAUSE_SECONDS)
