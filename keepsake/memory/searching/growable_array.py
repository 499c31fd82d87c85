"""Arrays that grow at their end."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
