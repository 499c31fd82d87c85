"""What happened to a user, and what changed in what is known of them, by time.

Each fact stands where it began, and where it ended if nothing took its place; each event at its
day. What was forgotten or has expired stands nowhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from keepsake.memory.domains.profile import PROFILE
from keepsake.memory.domains.temporal import TEMPORAL
from keepsake.memory.models import MemoryScope
from keepsake.memory.searching.index import DOMAIN_NUMBERS, UserIndex
from keepsake.memory.searching.index_cache import MemoryReader
from keepsake.memory.searching.ranking import Standing
from keepsake.memory.searching.search import Search
from keepsake.storage import Document

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000
_BEGINS, _ENDS = 0, 1
_LATEST = 2**62
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
_PLACE = np.dtype([("at", "i8"), ("row", "i4"), ("part", "i1")])


class TimelineKind(StrEnum):
    """What an entry tells: an event, or that a fact began, took another's place, or ended."""

    EVENT = "event"
    SET = "set"
    CHANGED = "changed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """Where a page of a timeline ended: a time in milliseconds, a memory, and which end of it."""

    at: int
    memory_id: str
    part: int


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened or changed.

    before: the memory whose place this one took, if that may be shown.
    """

    at: datetime
    kind: TimelineKind
    memory: Document
    before: Document | None = None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some entries, the latest first, and where the next page begins."""

    entries: list[TimelineEntry]
    following: TimelineMark | None


class MemoryTimeline:
    """Reads the timelines of users from their indexes; texts are read for one page alone."""

    def __init__(self, search: Search, reader: MemoryReader) -> None:
        self._search = search
        self._reader = reader

    def page(
        self,
        scope: MemoryScope,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        after: TimelineMark | None = None,
        limit: int = 50,
    ) -> TimelinePage:
        """The entries from `since` on and before `until`, the latest first.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        cached = self._search.current(scope)
        with cached.lock.reading():
            index = cached.index
            places = _between(_places(index), since, until)
            places = places[_begin(places, index, after) :]
            marks = [TimelineMark(int(place["at"]), index.ids[place["row"]], int(place["part"]))
                     for place in places[: limit + 1]]  # fmt: skip
        shown = marks[:limit]
        documents = self._reader.texts(scope, [mark.memory_id for mark in shown])
        replaced = [each["supersedes"] for each in documents.values() if each.get("supersedes")]
        with cached.lock.reading():
            tellable = index.among(replaced) & ~index.forgotten
            known = [index.ids[row] for row in np.flatnonzero(tellable)]
        before = self._reader.texts(scope, known)
        entries = list(_entries(shown, documents, before))
        return TimelinePage(entries, shown[-1] if len(marks) > limit else None)


def _places(index: UserIndex) -> NDArray[Any]:
    """All entries, the latest first: of one time those that were written later before others."""
    if not len(index):
        return np.empty(0, dtype=_PLACE)
    rows, standing = index.rows, Standing.at(index, None)
    told = ~rows["is_turn"] & (standing.holding | standing.ended) & ~index.forgotten
    events = told & (rows["domain"] == DOMAIN_NUMBERS[TEMPORAL.name])
    facts = told & (rows["domain"] == DOMAIN_NUMBERS[PROFILE.name])
    ends = (facts | events) & standing.ended & ~rows["succeeded"]
    happens = (rows["first_day"].astype(np.int64) - _EPOCH.toordinal()) * _DAY_MS
    places = np.concatenate([
        _placed(happens, events & standing.holding, _BEGINS),
        _placed(_milliseconds(rows["valid_from"]), facts, _BEGINS),
        _placed(_milliseconds(rows["valid_to"]), ends, _ENDS),
    ])  # fmt: skip
    return places[np.lexsort((places["part"], places["row"], places["at"]))[::-1]]


def _placed(times: NDArray[np.int64], which: NDArray[np.bool_], part: int) -> NDArray[Any]:
    rows = np.flatnonzero(which)
    placed = np.empty(len(rows), dtype=_PLACE)
    placed["at"], placed["row"], placed["part"] = times[rows], rows, part
    return placed


def _milliseconds(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """As MongoDB keeps them; of what has no end, zero."""
    finite = np.where(np.isfinite(seconds), seconds, 0)
    milliseconds: NDArray[np.int64] = np.rint(finite * 1_000).astype(np.int64)
    return milliseconds


def _between(places: NDArray[Any], since: datetime | None, until: datetime | None) -> NDArray[Any]:
    kept = np.ones(len(places), dtype=np.bool_)
    if since is not None:
        kept &= places["at"] >= round(since.timestamp() * 1_000)
    if until is not None:
        kept &= places["at"] < round(until.timestamp() * 1_000)
    return places[kept]


def _begin(places: NDArray[Any], index: UserIndex, after: TimelineMark | None) -> int:
    """Where a page begins; where its mark is gone, with the first that is no later."""
    if after is None:
        return 0
    at = min(max(after.at, -_LATEST), _LATEST)
    first, last = (int(np.searchsorted(-places["at"], -at, side=side)) for side in _SIDES)
    for number in range(first, last):
        place = places[number]
        if (index.ids[place["row"]], place["part"]) == (after.memory_id, after.part):
            return number + 1
    return first


def _entries(
    marks: Sequence[TimelineMark], documents: dict[str, Document], before: dict[str, Document]
) -> Iterator[TimelineEntry]:
    for mark in marks:
        memory = documents.get(mark.memory_id)
        if memory is None:  # it went since the index was looked at
            continue
        at = _EPOCH + timedelta(milliseconds=mark.at)
        if mark.part == _ENDS:
            yield TimelineEntry(at, TimelineKind.ENDED, memory)
            continue
        replaced = memory.get("supersedes")
        fact = TimelineKind.CHANGED if replaced else TimelineKind.SET
        kind = TimelineKind.EVENT if memory["domain"] == TEMPORAL.name else fact
        yield TimelineEntry(at, kind, memory, before.get(replaced or ""))
