"""Arrays that grow at their end."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FACTOR = 1.3


class Growing:
    """A numpy array with room at its end."""

    def __init__(self, dtype: Any, width: int = 0, capacity: int = 64) -> None:
        shape = (capacity, width) if width else (capacity,)
        self._room = np.zeros(shape, dtype=dtype)
        self._used = 0

    def append(self, value: Any) -> None:
        """Add one."""
        self._reserve(self._used + 1)
        self._room[self._used] = value
        self._used += 1

    def extend(self, values: NDArray[Any]) -> None:
        """Add many."""
        self._reserve(self._used + len(values))
        self._room[self._used : self._used + len(values)] = values
        self._used += len(values)

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
