"""Reading an index from one key to another, newest first.

MongoDB's planner may weigh "older than this time, or as old and of a smaller id" against the other
conditions, and read records to decide it. Keys as bounds leave it no choice: each key of the range
is looked at once, and whatever shares a time costs nothing more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from bson.max_key import MaxKey
from bson.min_key import MinKey
from pymongo.cursor import Cursor

from keepsake.storage.indexes import Index
from keepsake.storage.mongo import Document

Bound: TypeAlias = tuple[datetime | MinKey | MaxKey, str | MinKey | MaxKey]
"""A place among what is ordered by a time and an id, both descending."""
NEWEST: Bound = (MaxKey(), MaxKey())
OLDEST: Bound = (MinKey(), MinKey())


def older_than(at: datetime) -> Bound:
    """Where begins what is older than a time; to the millisecond, as MongoDB keeps it."""
    return (at.replace(microsecond=at.microsecond // 1000 * 1000), MinKey())


def along(
    index: Index, equal: Sequence[Any], start: Bound, stop: Bound, found: Cursor[Document]
) -> Cursor[Document]:
    """A query that reads an index from a place on, up to another and without it.

    index: its keys are some fields, a time, an id, and others that ascend. equal: what the first
    fields are. start: has to come before `stop`.
    """
    order = list(index.keys[len(equal) : len(equal) + len(start)])
    found = found.hint(index.name).sort(order)
    return found.min(_key(index, *equal, *start)).max(_key(index, *equal, *stop))


def _key(index: Index, *values: Any) -> Any:
    """A key of an index, from its first values: before all that begin with these."""
    others = [MinKey()] * (len(index.keys) - len(values))
    return [(name, value) for (name, _), value in zip(index.keys, [*values, *others], strict=True)]
