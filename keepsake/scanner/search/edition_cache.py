"""What is built of an index once for each edition of it, and kept in memory up to a bound."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from keepsake.scanner.store.published import PublishedIndex

Edition = tuple[int, datetime]


class Sized(Protocol):
    """What tells its size."""

    @property
    def bytes(self) -> int:
        """About what it takes in memory."""


Kept = TypeVar("Kept", bound=Sized)


class EditionCache(Generic[Kept]):
    """Threads share it; two that ask for the same index build it once."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[str, tuple[Edition, Kept]] = OrderedDict()
        self._lock = threading.Lock()
        self._building: dict[str, threading.Lock] = {}

    def of(
        self,
        index: PublishedIndex,
        build: Callable[[Kept | None], Kept],
        refresh: Callable[[Kept], None] | None = None,
    ) -> Kept:
        """What is kept of the current edition.

        `build` is given what was kept of the edition before; `refresh` what is returned.
        """
        with self._lock:
            building = self._building.setdefault(index.id, threading.Lock())
        with building:
            edition, kept = self._kept.get(index.id, (None, None))
            if kept is None or edition != index.edition:
                kept = build(kept)
            if refresh is not None:
                refresh(kept)
            self._keep(index, kept)
            return kept

    def _keep(self, index: PublishedIndex, kept: Kept) -> None:
        with self._lock:
            self._kept[index.id] = (index.edition, kept)
            self._kept.move_to_end(index.id)
            while len(self._kept) > 1 and self._size() > self._limit_bytes:
                self._kept.popitem(last=False)

    def _size(self) -> int:
        return sum(kept.bytes for _, kept in self._kept.values())
