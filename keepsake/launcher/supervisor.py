"""One part of the service and the thread that keeps it running."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from keepsake.launcher.process import CannotStart

_CHECK_SECONDS = 0.2
_BACKOFF_SECONDS = 0.5
_BACKOFF_MAX_SECONDS = 30.0
_STEADY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Component:
    """How to start, watch and stop a part. `start` returns when it is up.

    tidy: called often while it is kept; sets a log aside that has grown long.
    """

    name: str
    start: Callable[[], None]
    stop: Callable[[], None]
    running: Callable[[], bool]
    died: Callable[[], str]
    tidy: Callable[[], None] = lambda: None


class Keeper(threading.Thread):
    """Starts a part, and starts it again when it dies; a slow one holds up no other."""

    def __init__(
        self, part: Component, stopping: threading.Event, say: Callable[[str], None]
    ) -> None:
        super().__init__(name=f"keeps {part.name}", daemon=True)
        self.part = part
        self.failure: Exception | None = None
        self.decided = threading.Event()
        """The first start went well, or it is in `failure` that it did not."""
        self._stopping = stopping
        self._say = say

    def run(self) -> None:
        """Start the part and keep it until the service stops."""
        try:
            self.part.start()
        except Exception as error:  # noqa: BLE001 - raised again by the supervisor's own thread
            self.failure = error
            return
        finally:
            self.decided.set()
        self._keep()

    def _keep(self) -> None:
        restarts, started = 0, time.monotonic()
        while not self._stopping.wait(_CHECK_SECONDS):
            self.part.tidy()
            if self.part.running():
                continue
            if time.monotonic() - started > _STEADY_SECONDS:
                restarts = 0
            pause = min(_BACKOFF_SECONDS * 2**restarts, _BACKOFF_MAX_SECONDS)
            self._say(f"{self.part.name} died ({self.part.died()}); "
                      f"starting it again in {pause:g} s")  # fmt: skip
            if not self._stopping.wait(pause):
                restarts, started = restarts + 1, time.monotonic()
                self._revive()

    def _revive(self) -> None:
        try:
            self.part.start()
        except (CannotStart, OSError) as error:  # such as a full disk: there may be room again
            if not self._stopping.is_set():
                self._say(f"{self.part.name} did not come back: {error}")
            return
        self._say(f"{self.part.name} is back")


_LOOK_SECONDS = 0.05


class Stopped(Exception):
    """The launcher was asked to stop before it was up."""


class Supervisor:
    """Every part has a keeper of its own. `stopping` may be set at any time."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._groups: list[list[Keeper]] = []
        self.stopping = threading.Event()

    def start(self, *parts: Component) -> None:
        """Start parts side by side; returns when all are up.

        Raises: As `await_up` does.
        """
        self.await_up(self.begin(*parts))

    def begin(self, *parts: Component) -> list[Keeper]:
        """Start parts side by side, as a group that is stopped together; they are not up yet."""
        group = [Keeper(part, self.stopping, self._say) for part in parts]
        self._groups.append(group)
        for keeper in group:
            keeper.start()
        return group

    def await_up(self, keepers: Iterable[Keeper]) -> None:
        """Wait until parts that were begun are up.

        Raises:
            CannotStart: One did not come up.
            Stopped: `stopping` was set first.
        """
        for keeper in keepers:
            self.wait_for(keeper.decided.is_set)
            if keeper.failure is not None:
                raise keeper.failure

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds.

        Raises:
            Stopped: `stopping` was set first.
        """
        while not condition():
            if self.stopping.wait(_LOOK_SECONDS):
                raise Stopped

    def stop(self) -> None:
        """Stop all parts, the last group first; the parts of a group side by side."""
        self.stopping.set()
        for group in reversed(self._groups):
            while any(keeper.is_alive() for keeper in group):
                self._stop(group)  # again, if a keeper was about to start its part
                for keeper in group:
                    keeper.join(_LOOK_SECONDS)
            self._stop(group)

    @staticmethod
    def _stop(group: list[Keeper]) -> None:
        threads = [threading.Thread(target=keeper.part.stop) for keeper in group]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
