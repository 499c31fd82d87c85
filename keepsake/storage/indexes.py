"""Indexes: declared by each store, created at start, shown and repaired by operators."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from pymongo import IndexModel
from pymongo.database import Database

from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document


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


def ensure(database: Database[Document], indexes: Iterable[Index]) -> None:
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
            StorageUnavailable: MongoDB does not answer; the next call tries again.
        """
        if self._done:
            return
        with self._lock:
            if not self._done:
                ensure(self._database, self._indexes)
                self._done = True


def inspect(database: Database[Document], indexes: Iterable[Index]) -> list[IndexState]:
    """Compare the declared indexes with those that are there."""
    states: list[IndexState] = []
    with translated("reading indexes"):
        for collection, declared in _grouped(indexes).items():
            present = database[collection].index_information()
            states += [IndexState(index, _state(index, present)) for index in declared]
    return states


def repair(database: Database[Document], indexes: Iterable[Index]) -> list[IndexState]:
    """Create missing indexes and rebuild different ones; what was mended is returned."""
    mended = [found for found in inspect(database, indexes) if found.state != "present"]
    with translated("repairing indexes"):
        for found in mended:
            collection = database[found.index.collection]
            if found.state == "different":
                _drop(database, found.index)
            collection.create_indexes([found.index.model()])
    return mended


def _drop(database: Database[Document], index: Index) -> None:
    """Drop what stands in the way: the same name, or the same keys under another name."""
    collection = database[index.collection]
    for name, there in collection.index_information().items():
        if name == index.name or tuple(there["key"]) == index.keys:
            collection.drop_index(name)


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
