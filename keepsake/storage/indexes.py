"""Indexes: declared by each store, created at start, kept while a process runs, read in ranges."""

import logging
import random
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, TypeAlias

from bson.max_key import MaxKey
from bson.min_key import MinKey
from pymongo import IndexModel
from pymongo.cursor import Cursor
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from keepsake.storage.mongo import Document, StorageError, StorageUnavailable, translated
from keepsake.storage.restores import refuse_half_restored, restore_seen


@dataclass(frozen=True, slots=True)
class Index:
    """One index that a store needs. `options` are MongoDB's: unique, expireAfterSeconds."""

    collection: str
    name: str
    keys: tuple[tuple[str, int], ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def model(self) -> IndexModel:
        """The driver's form."""
        return IndexModel(list(self.keys), name=self.name, **self.options)


@dataclass(frozen=True, slots=True)
class IndexState:
    """How a declared index stands in the database: `present`, `missing` or `different`."""

    index: Index
    state: str


def ensure_indexes(database: Database[Document], indexes: Iterable[Index]) -> None:
    """Create what is missing; safe when many processes start together.

    Raises:
        StorageError: An index of that name has other keys or options; `repair` mends it.
    """
    with translated("creating indexes"):
        for collection, declared in _grouped(indexes).items():
            database[collection].create_indexes([index.model() for index in declared])


class Preparation:
    """Creates a store's indexes before its first write; later calls cost nothing.

    So a process may start while MongoDB is away, and never writes without its unique indexes.
    """

    def __init__(self, database: Database[Document], indexes: Iterable[Index]) -> None:
        self._database = database
        self._indexes = tuple(indexes)
        self._lock = Lock()
        self._done = False

    def once(self) -> None:
        """Make sure that the indexes are there.

        Raises:
            StorageUnavailable: MongoDB does not answer, or is restored in part; the next call tries
                again.
        """
        if self._done and not restore_seen():
            return
        with self._lock:
            if not self._done or restore_seen():
                refuse_half_restored(self._database)
                ensure_indexes(self._database, self._indexes)
                self._done = True


def inspect_indexes(database: Database[Document], indexes: Iterable[Index]) -> list[IndexState]:
    """Compare the declared indexes with those that are there."""
    states: list[IndexState] = []
    with translated("reading indexes"):
        for collection, declared in _grouped(indexes).items():
            present = database[collection].index_information()
            states += [IndexState(index, _state(index, present)) for index in declared]
    return states


def repair_indexes(database: Database[Document], indexes: Iterable[Index]) -> list[IndexState]:
    """Create missing indexes and rebuild different ones; what was mended is returned."""
    mended = [state for state in inspect_indexes(database, indexes) if state.state != "present"]
    with translated("repairing indexes"):
        for state in mended:
            if state.state == "different":
                _drop(database, state.index)
            database[state.index.collection].create_indexes([state.index.model()])
    return mended


def _drop(database: Database[Document], index: Index) -> None:
    """Drop what stands in the way: the same name, or the same keys under another name."""
    collection = database[index.collection]
    for name, there in collection.index_information().items():
        if name == index.name or tuple(there["key"]) == index.keys:
            collection.drop_index(name)


def indexes_there(database: Database[Document], names: Iterable[str]) -> list[str]:
    """Which of some indexes are there. names: as `collection.name`."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.partition(".")[0], []).append(name)
    with translated("reading indexes"):
        return [
            name
            for collection, listed in groups.items()
            for present in [database[collection].index_information()]
            for name in listed
            if name.partition(".")[2] in present
        ]


def drop_indexes(database: Database[Document], names: Iterable[str]) -> list[str]:
    """Drop those of some indexes that are there; these are returned. names: `collection.name`."""
    there = indexes_there(database, names)
    with translated("dropping indexes"):
        for collection, _, name in (each.partition(".") for each in there):
            database[collection].drop_index(name)
    return there


def _grouped(indexes: Iterable[Index]) -> dict[str, list[Index]]:
    groups: dict[str, list[Index]] = {}
    for index in indexes:
        groups.setdefault(index.collection, []).append(index)
    return groups


def _state(index: Index, present: Mapping[str, Any]) -> str:
    there = present.get(index.name)
    if there is None:
        same_keys = any(tuple(other["key"]) == index.keys for other in present.values())
        return "different" if same_keys else "missing"
    wanted = {"key": list(index.keys), **index.options}
    return "present" if all(there.get(k) == v for k, v in wanted.items()) else "different"


LOOK_SECONDS = 5.0
_LOOKS_BETWEEN_TRIES = 60
_log = logging.getLogger("keepsake.indexes")


class IndexUpkeep:
    """Makes indexes again that were dropped under a running process.

    Whoever drops a database, a collection or an index takes them away, and the next write makes
    the collection anew without them. This looks every `LOOK_SECONDS` in a thread of its own, which
    costs a request nothing.
    """

    def __init__(self, database: Database[Document], indexes: Iterable[Index]) -> None:
        self._database = database
        self._indexes = tuple(indexes)
        self._stop = threading.Event()
        self._looks = 0
        self._amiss: dict[str, str] = {}

    def start(self) -> None:
        """Look from now on."""
        self._stop.clear()
        threading.Thread(target=self._run, name="indexes", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    @property
    def amiss(self) -> int:
        """How many indexes were not as declared at the last look, and could not be made."""
        return len(self._amiss)

    def look(self) -> None:
        """Make what is missing, and log once what cannot be made.

        That is a unique index of a collection with duplicates, and one that stands there with
        other keys or options.

        Raises:
            StorageUnavailable: MongoDB does not answer, or is restored in part: it is not to be
                touched then.
        """
        refuse_half_restored(self._database)
        states = inspect_indexes(self._database, self._indexes)
        absent = [state for state in states if state.state != "present"]
        amiss = {_name(state.index): error for state in absent if (error := self._make(state))}
        for name in amiss.keys() - self._amiss.keys():
            _log.error("index.amiss", extra={"state": name, "error": amiss[name]})
        self._amiss = amiss
        self._looks += 1

    def _make(self, state: IndexState) -> str:
        """Make an index; why it could not be, empty when it was.

        A try reads the whole collection, so one that failed is not repeated with every look.
        """
        if state.state == "different":
            return state.state
        index = state.index
        if (known := self._amiss.get(_name(index))) and self._looks % _LOOKS_BETWEEN_TRIES:
            return known
        try:
            with translated("making an index"):
                self._database[index.collection].create_indexes([index.model()])
        except DuplicateKeyError:
            return "duplicates"
        except StorageUnavailable:
            raise
        except StorageError:
            return "refused"
        _log.info("index.made", extra={"state": _name(index)})
        return ""

    def _run(self) -> None:
        """Jitter keeps many processes from looking at the same moment."""
        while not self._stop.wait(LOOK_SECONDS * random.uniform(0.6, 1.0)):  # noqa: S311
            try:
                self.look()
            except StorageError as error:
                _log.warning("indexes.unseen", extra={"error": type(error).__name__})


def _name(index: Index) -> str:
    return f"{index.collection}.{index.name}"


Bound: TypeAlias = tuple[datetime | MinKey | MaxKey, str | MinKey | MaxKey]
"""A place among what is ordered by a time and an id, both descending."""
NEWEST: Bound = (MaxKey(), MaxKey())
OLDEST: Bound = (MinKey(), MinKey())


def older_than(at: datetime) -> Bound:
    """Where begins what is older than a time; to the millisecond, as MongoDB keeps it."""
    return (at.replace(microsecond=at.microsecond // 1000 * 1000), MinKey())


def read_along(
    index: Index, equal: Sequence[Any], start: Bound, stop: Bound, query: Cursor[Document]
) -> Cursor[Document]:
    """A query held to an index, from a place on, up to another and without it; newest first.

    "Older than this time, or as old and of a smaller id" is one condition among others to MongoDB's
    planner, which may read records to decide it. Keys as bounds leave it no choice: each key of
    the range is looked at once, and whatever shares a time costs nothing more.

    index: its keys are some fields, a time, an id, and others that ascend. equal: what the first
    fields are. start: has to come before `stop`.
    """
    order = list(index.keys[len(equal) : len(equal) + len(start)])
    query = query.hint(index.name).sort(order)
    return query.min(_key(index, *equal, *start)).max(_key(index, *equal, *stop))


def _key(index: Index, *values: Any) -> Any:
    """A key of an index, from its first values: before all that begin with these."""
    others = [MinKey()] * (len(index.keys) - len(values))
    return [(name, value) for (name, _), value in zip(index.keys, [*values, *others], strict=True)]
