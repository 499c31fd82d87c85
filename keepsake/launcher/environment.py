"""The environments of child processes: what a part may read, and how its orphans are found.

A part's variables can be read by whoever runs as its user, and by all that it starts: it gets what
every program needs and what its settings name, no more. Each carries its data directory. Whoever
holds the directory's lock knows that any process marked with it has lost its launcher.
"""

import os
import signal
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from keepsake.launcher.prerequisites import faketime
from keepsake.launcher.process import MARK, CannotStart, plain
from keepsake.scanner import GIT_ENVIRONMENT
from keepsake.storage import FILE_SUFFIX, Settings

_TELEMETRY = "OTEL_"
"""How OpenTelemetry's own variables begin, which `keepsake.telemetry` reads."""


def configured(kinds: Iterable[type[Settings]], known: Mapping[str, str]) -> dict[str, str]:
    """The environment of a part that reads such settings; `known` goes before our own."""
    part = plain() | {name: os.environ[name] for name in GIT_ENVIRONMENT if name in os.environ}
    part |= {name: os.environ[name] for name in os.environ if name.startswith(_TELEMETRY)}
    for variable in {name for kind in kinds for name in kind.variables().values()}:
        pair = (variable, variable + FILE_SUFFIX)
        source = known if any(name in known for name in pair) else os.environ
        part |= {name: source[name] for name in pair if source.get(name)}
    return part


_WAIT_SECONDS = 10


def mark(directory: Path) -> dict[str, str]:
    """The variable that a child is found again by."""
    return {MARK: str(directory.resolve())}


def orphans(directory: Path) -> list[int]:
    """The processes that a killed launcher left running. Knows Linux only."""
    wanted = f"{MARK}={directory.resolve()}".encode()
    return [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if wanted in _environment(entry) and int(entry.name) != os.getpid()
    ]


def end_orphans(directory: Path) -> int:
    """Kill them; how many there were. Nothing is lost: all parts survive a kill -9."""
    processes, pause = orphans(directory), threading.Event()
    for process in processes:
        _kill(process)
    deadline = time.monotonic() + _WAIT_SECONDS
    while orphans(directory) and time.monotonic() < deadline:
        pause.wait(0.02)
    return len(processes)


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


class SteppedClock:
    """The wall clock of processes that are started with its environment.

    What they measure by a monotonic clock stays as it is. Each look at the clock takes a lock of
    the library's: mongod answers a write in 15 ms instead of 1.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.step(0)

    def step(self, seconds: float) -> None:
        """Set it, as seconds from the machine's; a process sees that within a second or two."""
        written = self._path.with_suffix(".new")
        written.write_text(f"{seconds:+f}\n")
        written.replace(self._path)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process is to be started with.

        Raises:
            CannotStart: There is no libfaketime.
        """
        library = faketime()
        if library is None:
            raise CannotStart("no libfaketime: run `apt-get install libfaketime`")
        return {
            **plain(),
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._path),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
