"""Which turns belong together, and what came before and after each."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keepsake.inference import Rows

_FACTOR = 1.3


class GrowableArray:
    """A numpy array with room at its end."""

    def __init__(self, dtype: Any, width: int = 0, capacity: int = 64) -> None:
        shape = (capacity, width) if width else (capacity,)
        self._room = np.zeros(shape, dtype=dtype)
        self._used = 0

    def extend(self, values: NDArray[Any]) -> None:
        """Add many."""
        end = self._used + len(values)
        self._reserve(end)
        self._room[self._used : end] = values
        self._used = end

    def fill(self, value: ArrayLike, count: int) -> None:
        """Add the same many times."""
        end = self._used + count
        self._reserve(end)
        self._room[self._used : end] = value
        self._used = end

    @property
    def values(self) -> NDArray[Any]:
        """What is there; a view, which writes through until the array grows."""
        return self._room[: self._used]

    @property
    def size_bytes(self) -> int:
        """What it takes, with its room."""
        return self._room.nbytes

    def _reserve(self, count: int) -> None:
        if count > len(self._room):
            grown = np.zeros((max(count, int(len(self._room) * _FACTOR)), *self._room.shape[1:]),
                             dtype=self._room.dtype)  # fmt: skip
            grown[: self._used] = self.values
            self._room = grown


_NONE = -1
GAP_SECONDS = 1_800.0
"""How far apart turns without a session may be that belong together."""


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
            self._said_at[row] - self._said_at[latest] > GAP_SECONDS
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
