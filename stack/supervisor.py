"""Keeps the parts running: a part that dies is started again, and the launcher says so."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from stack.errors import CannotStart

_LOOK_SECONDS = 0.2
_BACKOFF_MAX_SECONDS = 30.0
_STEADY_SECONDS = 60.0


@dataclass(slots=True)
class Part:
    """One part of the stack: how to start, watch and stop it."""

    name: str
    start: Callable[[], None]
    stop: Callable[[], None]
    running: Callable[[], bool]
    died: Callable[[], str]
    restarts: int = 0
    due: float = field(default=0.0)
    started: float = field(default=0.0)


class Supervisor:
    """Starts parts in order, watches them, and stops them in reverse."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._parts: list[Part] = []
        self.stopping = threading.Event()

    def start(self, *parts: Part) -> None:
        """Start parts side by side; returns when all are up.

        Raises:
            CannotStart: One did not come up.
        """
        failures: list[CannotStart] = []

        def begin(part: Part) -> None:
            try:
                part.start()
                part.started = time.monotonic()
            except CannotStart as error:
                failures.append(error)

        self._parts += parts
        starters = [threading.Thread(target=begin, args=(part,)) for part in parts]
        for starter in starters:
            starter.start()
        for starter in starters:
            starter.join()
        if failures:
            raise failures[0]

    def watch(self) -> None:
        """Restart what dies, until `stopping` is set."""
        while not self.stopping.wait(_LOOK_SECONDS):
            for part in self._parts:
                if not part.running():
                    self._revive(part)

    def stop(self) -> None:
        """Stop all parts, the last started first."""
        self.stopping.set()
        for part in reversed(self._parts):
            part.stop()

    def _revive(self, part: Part) -> None:
        now = time.monotonic()
        if part.due == 0.0:
            part.restarts = 0 if now - part.started > _STEADY_SECONDS else part.restarts
            wait = min(0.5 * 2**part.restarts, _BACKOFF_MAX_SECONDS)
            part.due = now + wait
            self._say(f"{part.name} died ({part.died()}); starting it again in {wait:.1f} s")
        elif now >= part.due:
            part.restarts += 1
            part.due = 0.0
            self._try(part)

    def _try(self, part: Part) -> None:
        try:
            part.start()
        except CannotStart as error:
            self._say(f"{part.name} did not come back: {error}")
            return
        part.started = time.monotonic()
        self._say(f"{part.name} is back")
