"""What a launcher that was killed left running.

Children carry their data directory in their environment. Whoever holds the directory's lock knows
that any process marked with it has lost its launcher.
"""

import os
import signal
import threading
import time
from pathlib import Path

MARK = "KEEPSAKE_LAUNCHED_FROM"
_WAIT_SECONDS = 10


def mark(directory: Path) -> dict[str, str]:
    """What a child's environment is to hold."""
    return {MARK: str(directory.resolve())}


def marked(directory: Path) -> list[int]:
    """The processes that were launched from a data directory. Knows Linux only."""
    wanted = f"{MARK}={directory.resolve()}".encode()
    return [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if wanted in _environment(entry) and int(entry.name) != os.getpid()
    ]


def end(directory: Path) -> int:
    """Kill them; how many there were. Nothing is lost: all parts survive a kill -9."""
    found, pause = marked(directory), threading.Event()
    for process in found:
        _kill(process)
    deadline = time.monotonic() + _WAIT_SECONDS
    while marked(directory) and time.monotonic() < deadline:
        pause.wait(0.02)
    return len(found)


def _environment(entry: Path) -> list[bytes]:
    """A process's environment; a zombie's is empty, another user's is none of ours."""
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return
