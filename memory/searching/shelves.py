"""The indexes of the users who were searched lately, kept within a bound of bytes."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from memory.models import Scope
from memory.searching.index import UserIndex
from memory.searching.shelf import Shelf


class _Place:
    """One user's index and the lock of who reads or refreshes it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.index = UserIndex(epoch="")


class Shelves:
    """Least recently used first out. What is put out is rebuilt from MongoDB when asked for."""

    def __init__(self, shelf: Shelf, most_bytes: int, *, served: bool = False) -> None:
        self._shelf = shelf
        self._served = served
        self._most_bytes = most_bytes
        self._places: OrderedDict[Scope, _Place] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def current(self, scope: Scope) -> Iterator[UserIndex]:
        """The user's index as of now, so that a search finds what was just ingested.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        place = self._place(scope)
        with place.lock:
            self._refresh(scope, place)
            yield place.index
        self._shrink()

    @property
    def size_bytes(self) -> int:
        """What all of them take."""
        with self._lock:
            return sum(place.index.size_bytes for place in self._places.values())

    def _place(self, scope: Scope) -> _Place:
        with self._lock:
            place = self._places.setdefault(scope, _Place())
            self._places.move_to_end(scope)
            return place

    def _refresh(self, scope: Scope, place: _Place) -> None:
        """Add what was written since; begin anew when documents went away.

        The revision is read first: what is written meanwhile is seen again, which changes nothing.
        """
        revision, epoch = self._shelf.revision(scope)
        if place.index.epoch != epoch or place.index.revision > revision:
            place.index = UserIndex(epoch, served=self._served)
        if place.index.revision < revision:
            for document in self._shelf.since(scope, place.index.revision):
                place.index.put(document)
            place.index.revision = revision

    def _shrink(self) -> None:
        """Put out the oldest until the rest fits; the newest stays whatever it takes."""
        with self._lock:
            sizes = [place.index.size_bytes for place in self._places.values()]
            total = sum(sizes)
            while total > self._most_bytes and len(self._places) > 1:
                total -= self._places.popitem(last=False)[1].index.size_bytes
