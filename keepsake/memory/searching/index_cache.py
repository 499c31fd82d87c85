"""The indexes of the users who were searched lately, kept within a bound of bytes."""

import threading
from collections import OrderedDict

from keepsake.memory.models import Scope
from keepsake.memory.searching.index import UserIndex
from keepsake.memory.searching.memory_reader import Shelf
from keepsake.memory.searching.read_write_lock import ReadWriteLock


class Place:
    """One user's index. Who brings it up to date is alone with it; searches read it side by side.

    An index that was replaced by a new one stays as it is, for the searches that have it.
    """

    def __init__(self) -> None:
        self.lock = ReadWriteLock()
        self.index = UserIndex(epoch="")


class Shelves:
    """Least recently used first out. What is put out is rebuilt from MongoDB when asked for."""

    def __init__(self, shelf: Shelf, most_bytes: int, *, served: bool = False) -> None:
        self._shelf = shelf
        self._served = served
        self._most_bytes = most_bytes
        self._places: OrderedDict[Scope, Place] = OrderedDict()
        self._lock = threading.Lock()

    def current(self, scope: Scope) -> Place:
        """The user's index as of now or later, so that a search finds what was just ingested.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        place = self._place(scope)
        index = place.index
        if (index.revision, index.epoch) != self._shelf.revision(scope):
            with place.lock.writing():
                self._refresh(scope, place)
            self._shrink()
        return place

    @property
    def size_bytes(self) -> int:
        """What all of them take."""
        with self._lock:
            return sum(place.index.size_bytes for place in self._places.values())

    def _place(self, scope: Scope) -> Place:
        with self._lock:
            place = self._places.setdefault(scope, Place())
            self._places.move_to_end(scope)
            return place

    def _refresh(self, scope: Scope, place: Place) -> None:
        """Add what was written since; begin anew when documents went away.

        The revision is read again, as another search may have come first; and before the documents:
        what is written meanwhile is seen again, which changes nothing.
        """
        revision, epoch = self._shelf.revision(scope)
        if place.index.epoch != epoch or place.index.revision > revision:
            place.index = UserIndex(epoch, served=self._served)
        if place.index.revision < revision:
            place.index.take(self._shelf.since(scope, place.index.revision), revision)

    def _shrink(self) -> None:
        """Put out the oldest until the rest fits; the newest stays whatever it takes."""
        with self._lock:
            sizes = [place.index.size_bytes for place in self._places.values()]
            total = sum(sizes)
            while total > self._most_bytes and len(self._places) > 1:
                total -= self._places.popitem(last=False)[1].index.size_bytes
