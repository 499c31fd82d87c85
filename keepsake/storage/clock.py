"""The database's clock: as expressions, as values, and as this process read it a moment ago."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import Timestamp
from pymongo.database import Database

from keepsake.storage.mongo import Document, LoopDatabase, translated

_SECOND_MS: Document = {"$multiply": [{"$tsSecond": "$$CLUSTER_TIME"}, 1000]}
_MOST_MS = 999
STEADY_NOW: Document = {
    "$cond": [
        {"$gt": [{"$subtract": [_SECOND_MS, {"$toLong": "$$NOW"}]}, _MOST_MS]},
        {"$toDate": {"$add": [_SECOND_MS, _MOST_MS]}},
        "$$NOW",
    ]
}
"""The time, as an expression. It stands still where the wall clock is over a second behind."""
LOGICAL_NOW: Document = {
    "$toDate": {"$add": [_SECOND_MS, {"$min": [{"$tsIncrement": "$$CLUSTER_TIME"}, _MOST_MS]}]}
}
"""A time that never goes back, as an expression: to the second; its milliseconds count writes.

For what is put in order by when it was said. Over a thousand writes a second share the last."""


def logical_time(database: Database[Document]) -> datetime:
    """`LOGICAL_NOW` as a value: one round trip.

    Raises:
        StorageUnavailable: MongoDB does not answer.
    """
    at: datetime = _read(database, LOGICAL_NOW)
    return at


def cluster_time(database: Database[Document]) -> Timestamp:
    """The logical clock itself: one round trip.

    Raises:
        StorageUnavailable: MongoDB does not answer.
    """
    at: Timestamp = _read(database, "$$CLUSTER_TIME")
    return at


def _read(database: Database[Document], at: Any) -> Any:
    with translated("reading the clock"), database.aggregate(_reading(at)) as answer:
        return answer.next()["at"]


def _reading(at: Any) -> list[Document]:
    """The stages that read an expression."""
    return [{"$documents": [{}]}, {"$project": {"at": at}}]


@dataclass(frozen=True, slots=True)
class DatabaseTime:
    """The database's time. steady: as `STEADY_NOW`."""

    now: datetime
    steady: datetime

    def plus(self, seconds: float) -> "DatabaseTime":
        """Both, some seconds later; what stands still goes on standing."""
        later = self.now + timedelta(milliseconds=int(seconds * 1000))
        return DatabaseTime(later, max(later, self.steady))


_BOTH: Document = {"now": "$$NOW", "steady": STEADY_NOW}
_TRUSTED_SECONDS = 1.0


class DatabaseClock:
    """Tells the database's time without a round trip for each, to some milliseconds.

    It is read anew after a second, by whichever of this process's clocks went further: that of a
    machine that was suspended goes on afterwards as if nothing had been. In between a step of the
    database's clock is not seen, as if all had been asked just before it. What it tells is late by
    a reading's way back, never ahead.
    """

    def __init__(self) -> None:
        self._read: DatabaseTime | None = None
        self._read_at = self._wall_at = 0.0

    def time(self, database: Database[Document]) -> DatabaseTime:
        """The time.

        Raises:
            StorageUnavailable: MongoDB does not answer; it is asked once a second.
        """
        return self._trusted() or self._take(_read(database, _BOTH))

    async def time_on_loop(self, database: LoopDatabase) -> DatabaseTime:
        """The same on an event loop.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if (trusted := self._trusted()) is not None:
            return trusted
        with translated("reading the clock"):
            async with await database.aggregate(_reading(_BOTH)) as answer:
                return self._take((await answer.next())["at"])

    def _trusted(self) -> DatabaseTime | None:
        """The time by what was read, unless that was too long ago."""
        if self._read is None:
            return None
        elapsed = time.monotonic() - self._read_at
        if max(elapsed, abs(time.time() - self._wall_at)) > _TRUSTED_SECONDS:
            return None
        return self._read.plus(elapsed)

    def _take(self, both: Document) -> DatabaseTime:
        self._read_at, self._wall_at = time.monotonic(), time.time()
        self._read = DatabaseTime(both["now"], both["steady"])
        return self._read
