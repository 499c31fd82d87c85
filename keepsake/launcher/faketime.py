"""A wall clock that can be stepped while its process runs, by libfaketime."""

from collections.abc import Mapping
from pathlib import Path

from keepsake.launcher.environment import plain
from keepsake.launcher.errors import CannotStart
from keepsake.launcher.prerequisites import faketime


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
        found = faketime()
        if found is None:
            raise CannotStart("no libfaketime: run `apt-get install libfaketime`")
        return {
            **plain(),
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(self._path),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
