"""The files of an index by generation: what each path was, from when until when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.scanner.models import digest
from keepsake.scanner.store import FILES, fenced
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document, Fence, translated

OPEN = 2**31 - 1
"""The `died` of a row that is still there."""
_AT_ONCE = 1_000
_MOST_LOOKED = 20_000
_MOST_FILES = 1_000
_FIELDS = {"path": 1, "language": 1, "key": 1, "_id": 0}


@dataclass(frozen=True, slots=True)
class File:
    """One path in the generations from `born` to before `died`.

    `key` names the parsed blob; None when the file is skipped, `skip` then says why.
    """

    owner: str
    index: str
    repository: str
    path: str
    blob: str
    mode: str
    size: int | None
    language: str
    key: str | None
    skip: str | None
    renamed_from: str | None
    born: int
    died: int = OPEN
    counted: bool = True
    """Whether it counts as its language."""
    handwritten: bool = False
    """Its repository says that it was not generated."""

    def document(self) -> Document:
        """The row, with an id of its own for each generation."""
        return {"_id": digest("file", self.index, self.path, str(self.born)), **asdict(self)}


def visible(index: str, generation: int) -> Document:
    """The filter of the rows that a generation shows."""
    return {"index": index, "born": {"$lte": generation}, "died": {"$gt": generation}}


class Files:
    """Rows are reached by their index, whose id is made from its owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._files = database[FILES]

    def reset(self, index: str, generation: int, fence: Fence) -> None:
        """Undo what an abandoned scan left of a generation that was never published."""
        begun: Document = {"index": index, "born": {"$gte": generation}}
        ended: Document = {"index": index, "died": {"$gte": generation, "$lt": OPEN}}

        def write(session: ClientSession) -> None:
            self._files.delete_many(begun, session=session)
            self._files.update_many(ended, {"$set": {"died": OPEN}}, session=session)

        with translated("looking for leftovers"):
            leftover = self._files.find_one({"$or": [begun, ended]}, {"_id": 1})
        if leftover:
            fenced(self._database, fence, "resetting the index", write)

    def apply(
        self, index: str, generation: int, ended: Sequence[str], begun: Sequence[File], fence: Fence
    ) -> None:
        """End the rows of some paths and begin others; a repeat changes nothing."""
        paths = list({*ended, *(file.path for file in begun)})

        def write(session: ClientSession) -> None:
            self._files.update_many(
                {"index": index, "path": {"$in": paths}, "born": {"$lt": generation}, "died": OPEN},
                {"$set": {"died": generation}},
                session=session,
            )
            if not begun:
                return
            self._files.delete_many(
                {"index": index, "path": {"$in": paths}, "born": generation}, session=session
            )
            self._files.insert_many([file.document() for file in begun], session=session)

        fenced(self._database, fence, "writing files", write)

    def relabel(self, languages: Mapping[str, str], fence: Fence) -> None:
        """Set the language of rows by their ids; a repeat changes nothing."""
        if not languages:
            return
        by_language: dict[str, list[str]] = {}
        for row, language in languages.items():
            by_language.setdefault(language, []).append(row)

        def write(session: ClientSession) -> None:
            for language, rows in by_language.items():
                self._files.update_many(
                    {"_id": {"$in": rows}}, {"$set": {"language": language}}, session=session
                )

        fenced(self._database, fence, "writing languages", write)

    def ending(self, index: str, generation: int, paths: Sequence[str]) -> list[Document]:
        """The rows that end with a generation, whether they are marked already or not."""
        with translated("reading files"):
            return list(
                self._files.find(
                    {"index": index, "path": {"$in": list(paths)}, "born": {"$lt": generation},
                     "died": {"$gte": generation}}
                )
            )  # fmt: skip

    def begun(self, index: str, generation: int, after: str, limit: int) -> list[Document]:
        """The rows that begin with a generation, by path, after a path."""
        with translated("reading files"):
            rows = self._files.find({"index": index, "born": generation, "path": {"$gt": after}})
            return list(rows.sort("path", 1).limit(limit))

    def shown(
        self,
        index: str,
        generation: int,
        more: Document | None = None,
        fields: Any = None,
        limit: int = 0,
    ) -> Iterator[Document]:
        """The rows that a generation shows, by path; all of them without a limit."""
        which = visible(index, generation) | (more or {})
        with translated("reading files"):
            yield from self._files.find(which, fields).sort("path", 1).limit(limit)

    def at(self, index: str, generation: int, path: str) -> Document | None:
        """The row of one path."""
        with translated("reading files"):
            return self._files.find_one(visible(index, generation) | {"path": path})

    def past(self, index: str, generation: int, limit: int) -> list[Document]:
        """Some rows that had ended when a generation began."""
        with translated("reading files"):
            rows = self._files.find({"index": index, "died": {"$lte": generation}})
            return list(rows.sort("_id", 1).limit(limit))

    def used(self, keys: Sequence[str], besides: Sequence[str]) -> set[str]:
        """Which of the keys some row of any index has, besides the rows of some ids."""
        which = {"key": {"$in": list(keys)}, "_id": {"$nin": list(besides)}}
        with translated("reading files"):
            return set(self._files.distinct("key", which))


@dataclass(slots=True)
class Holders:
    """Some files by the key of their blob."""

    blobs: Blobs
    rows: dict[str, list[Document]] = field(default_factory=dict)
    truncated: bool = False
    """There are more of them, or there may be."""

    def read(self, fields: Any) -> Iterator[tuple[Document, list[Document]]]:
        """Each blob with the files that show it; a few blobs are in memory at a time."""
        for blob in self.blobs.read(list(self.rows), fields):
            yield blob, self.rows[blob["_id"]]


def holders(files: Files, blobs: Blobs, index: PublishedIndex, which: Document) -> Holders:
    """The files of a generation whose blobs fit a filter, up to a bound."""
    holding, left = Holders(blobs), _MOST_FILES
    keys = blobs.keys(index.repository, which, _MOST_LOOKED)
    looked = 0
    while some := list(islice(keys, _AT_ONCE)):
        looked += len(some)
        more: Document = {"key": {"$in": some}}
        rows = list(files.shown(index.id, index.generation, more, _FIELDS, left + 1))
        for row in rows[:left]:
            holding.rows.setdefault(row["key"], []).append(row)
        if len(rows) > left:
            holding.truncated = True
            return holding
        left -= len(rows)
    holding.truncated = looked >= _MOST_LOOKED
    return holding
