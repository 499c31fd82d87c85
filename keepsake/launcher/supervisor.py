"""Starts the parts of the stack in groups, keeps them running, and stops them in reverse."""

import threading
from collections.abc import Callable

from keepsake.launcher.keeper import Keeper, Part

_LOOK_SECONDS = 0.05


class Stopped(Exception):
    """The stack was asked to stop before it was up."""


class Supervisor:
    """Every part has a keeper of its own. `stopping` may be set at any time."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._groups: list[list[Keeper]] = []
        self.stopping = threading.Event()

    def start(self, *parts: Part) -> None:
        """Start parts side by side; returns when all are up.

        Raises:
            CannotStart: One did not come up.
            Stopped: `stopping` was set first.
        """
        group = [Keeper(part, self.stopping, self._say) for part in parts]
        self._groups.append(group)
        for keeper in group:
            keeper.start()
        for keeper in group:
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
            self._stop(group)
            for keeper in group:
                keeper.join()
            self._stop(group)  # what a keeper was about to start when the first stop came

    @staticmethod
    def _stop(group: list[Keeper]) -> None:
        threads = [threading.Thread(target=keeper.part.stop) for keeper in group]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
