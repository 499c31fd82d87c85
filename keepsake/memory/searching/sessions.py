"""Which turns belong together, and what came before and after each."""

from collections.abc import Iterator, Sequence

import numpy as np

from keepsake.inference.bm25 import Rows
from keepsake.memory.searching.growable_array import GrowableArray

_NONE = -1
_GAP_SECONDS = 1_800.0


class Sessions:
    """Conversations of turns in the order they were said.

    A session is what the caller calls so; turns without a session belong together while no more
    than half an hour lies between them.
    """

    def __init__(self) -> None:
        self._number = GrowableArray(np.int32)
        self._earlier = GrowableArray(np.int32)
        self._later = GrowableArray(np.int32)
        self._said_at: list[float] = []
        self._numbers: dict[str, int] = {}
        self._latest: dict[str, int] = {}
        self._names: list[str | None] = []
        self._count = 0
        self._ordered = True

    @property
    def count(self) -> int:
        """How many there are."""
        return self._count

    @property
    def number(self) -> Rows:
        """The session of each row; -1 for what is no turn."""
        return self._number.values

    @property
    def earlier(self) -> Rows:
        """The row of the turn before; -1 at the start of a session."""
        return self._earlier.values

    @property
    def later(self) -> Rows:
        """The row of the turn after; -1 at the end of a session."""
        return self._later.values

    def extend(self, sessions: Sequence[str | None], said_at: Sequence[float]) -> None:
        """Add the next rows: turns of a session, or None for what is no turn."""
        first = len(self._names)
        self._names.extend(sessions)
        self._said_at.extend(said_at)
        for links in (self._number, self._earlier, self._later):
            links.fill(_NONE, len(sessions))
        for row, session in enumerate(sessions, first):
            if session is not None:
                latest = self._latest.get(session, _NONE)
                self._ordered &= latest == _NONE or self._said_at[latest] <= self._said_at[row]
                self._append(session, row, latest)

    def settle(self) -> None:
        """Link anew what came in another order than it was said; before this, links follow that."""
        if self._ordered:
            return
        self._numbers, self._latest, self._count = {}, {}, 0
        for links in (self._number, self._earlier, self._later):
            links.values[:] = _NONE
        for row in self._by_time():
            session = self._names[row] or ""
            self._append(session, row, self._latest.get(session, _NONE))
        self._ordered = True

    def _append(self, session: str, row: int, latest: int) -> None:
        """Put a row at the end of its session."""
        apart = not session and latest != _NONE and (
            self._said_at[row] - self._said_at[latest] > _GAP_SECONDS
        )  # fmt: skip
        if latest == _NONE or apart:
            self._numbers[session] = self._count
            self._count += 1
        else:
            self._earlier.values[row] = latest
            self._later.values[latest] = row
        self._number.values[row] = self._numbers[session]
        self._latest[session] = row

    def _by_time(self) -> Iterator[int]:
        turns = (row for row, name in enumerate(self._names) if name is not None)
        yield from sorted(turns, key=lambda row: (self._said_at[row], row))
