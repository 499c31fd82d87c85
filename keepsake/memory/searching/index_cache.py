"""The indexes of the users who were searched lately, and what they are brought up to date with."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import nan
from typing import Protocol

from pymongo.database import Database
from pymongo.errors import OperationFailure

from keepsake.inference import MINILM, Vector
from keepsake.memory.errors import NoVectorSearch
from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.searching.index import UserIndex
from keepsake.memory.storing.documents import MEMORIES, READ, USERS, owned
from keepsake.storage import Document, translated

_SCORED = {
    "kind": 1, "domain": 1, "content": 1, "response": 1, "code.text": 1, "session_id": 1,
    "event_date": 1, "when.last": 1, "said_at": 1, "valid_from": 1, "valid_to": 1, "rev": 1,
    "vector": 1, "provenance.turn_id": 1, "slot.subject": 1, "slot.attribute": 1,
    "slot.negated": 1, "slot.value": 1, "support.turn_id": 1, "speaker": 1, "expires_at": 1,
    "superseded_by": 1, "embedded_by": 1,
}  # fmt: skip
_TOGETHER = 2_000


class MemoryReader:
    """Reads memories for the search; everything is scoped by owner and user."""

    def __init__(self, database: Database[Document]) -> None:
        self._memories = database[MEMORIES]
        self._users = database[USERS]

    def revision(self, scope: MemoryScope) -> tuple[int, str]:
        """The user's revision and epoch; a new epoch says that documents went away.

        The record's own id is part of it: a user erased and begun anew counts from 1 again.
        """
        with translated("searching"):
            user = self._users.find_one(owned(scope), {"revision": 1, "epoch": 1})
        return (user["revision"], f"{user['_id']}:{user.get('epoch', 0)}") if user else (0, "")

    def since(self, scope: MemoryScope, revision: int) -> Iterator[list[Document]]:
        """What was written after a revision, many at a time; turns before what was made of them."""
        with translated("searching"):
            written = {**READ, **owned(scope), "rev": {"$gt": revision}}
            rest = (
                self._memories.find(written, _SCORED)
                .sort([("rev", 1), ("kind", -1)])
                .batch_size(_TOGETHER)
            )
            while together := list(islice(rest, _TOGETHER)):
                yield together

    def latest_turns(self, scope: MemoryScope, most: int) -> list[Document]:
        """The turns that were written last and not forgotten, the newest first, without vectors."""
        turns = {**READ, **owned(scope), "kind": str(Kind.TURN), "valid_to": None}
        with translated("reading turns"):
            newest = self._memories.find(turns, {"vector": 0}).sort("rev", -1).limit(most)
            return list(newest)

    def tagged(self, scope: MemoryScope, tags: Document) -> list[str]:
        """The ids of the documents that have some tags."""
        with translated("searching"):
            belonging = self._memories.find({**owned(scope), **tags}, {"_id": 1})
            return [document["_id"] for document in belonging]

    def texts(self, scope: MemoryScope, ids: Sequence[str]) -> dict[str, Document]:
        """Documents by id, without their vectors."""
        with translated("searching"):
            wanted = {**READ, **owned(scope), "_id": {"$in": list(ids)}}
            documents = self._memories.find(wanted, {"vector": 0})
            return {document["_id"]: document for document in documents}


_MOST, _CANDIDATES = 500, 5_000
_NOBODY = MemoryScope("", "")


@dataclass(frozen=True, slots=True)
class NearestDocuments:
    """The cosines of documents, by id, and what is to be taken for the others; NaN is unknown."""

    cosines: dict[str, float]
    others: float


class Nearness(Protocol):
    """A server that compares vectors."""

    def nearest(self, scope: MemoryScope, vector: Vector) -> NearestDocuments:
        """How near a user's nearest documents are."""


class Atlas:
    """One search index. Atlas takes documents in a little later than they are written."""

    def __init__(self, database: Database[Document], index: str) -> None:
        self._memories = database[MEMORIES]
        self._index = index

    def require(self, dimensions: int) -> None:
        """Make sure that the server knows the stage.

        Raises:
            NoVectorSearch: It does not.
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("looking for $vectorSearch"):
            try:
                list(self._memories.aggregate(self._pipeline(_NOBODY, [1.0] * dimensions)))
            except OperationFailure as error:
                raise NoVectorSearch(
                    "KEEPSAKE_VECTOR_SEARCH is `atlas`, but this MongoDB refuses $vectorSearch "
                    f"(code {error.code}): use MongoDB Atlas, or set it to `local`"
                ) from error

    def nearest(self, scope: MemoryScope, vector: Vector) -> NearestDocuments:
        """How near a user's nearest documents are.

        The others are farther than all of these; or, where fewer came back than were asked for,
        they are not indexed yet, and may be as near as any.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("searching vectors"):
            answers = self._memories.aggregate(self._pipeline(scope, vector.tolist()))
            cosines = {answer["_id"]: 2 * answer["score"] - 1 for answer in answers}
        full = len(cosines) == _MOST
        return NearestDocuments(cosines, min(cosines.values()) if full else nan)

    def _pipeline(self, scope: MemoryScope, vector: list[float]) -> list[Document]:
        """Atlas' score of a cosine is (1 + cosine) / 2."""
        stage = {
            "index": self._index, "path": "vector", "queryVector": vector, "limit": _MOST,
            "numCandidates": _CANDIDATES, "filter": owned(scope),
        }  # fmt: skip
        return [{"$vectorSearch": stage}, {"$project": {"score": {"$meta": "vectorSearchScore"}}}]


class ReadWriteLock:
    """A lock that many readers share and one writer has to itself; readers go first.

    Writers do not starve here, since a search whose index is outdated writes before it reads.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._readers = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Beside other readers; waits for a writer."""
        with self._changed:
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._readers)
            yield


class CachedIndex:
    """One user's index. Searches read it side by side; only one brings it up to date.

    An index that was replaced by a new one stays as it is, for the searches that have it.
    """

    def __init__(self) -> None:
        self.lock = ReadWriteLock()
        self.index = UserIndex(epoch="")
        self.used_at = 0.0


class IndexCache:
    """The indexes within a bound of bytes; the least recently used one goes first.

    One that was not used for ten minutes goes at the next search of anybody: its user may have been
    erased. What went is rebuilt from MongoDB when it is asked for.
    """

    def __init__(
        self,
        reader: MemoryReader,
        most_bytes: int,
        *,
        served: bool = False,
        model: str = MINILM.name,
        idle_seconds: float = 600,
    ) -> None:
        self._reader = reader
        self._idle_seconds = idle_seconds
        self._begun = partial(UserIndex, served=served, model=model)
        self._most_bytes = most_bytes
        self._entries: OrderedDict[MemoryScope, CachedIndex] = OrderedDict()
        self._lock = threading.Lock()

    def current(self, scope: MemoryScope) -> CachedIndex:
        """The user's index as of now or later, so that a search finds what was just ingested.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        cached = self._entry(scope)
        index = cached.index
        if (index.revision, index.epoch) != self._reader.revision(scope):
            with cached.lock.writing():
                self._refresh(scope, cached)
            self._shrink()
        return cached

    @property
    def size_bytes(self) -> int:
        """What all of them take."""
        with self._lock:
            return sum(cached.index.size_bytes for cached in self._entries.values())

    def _entry(self, scope: MemoryScope) -> CachedIndex:
        with self._lock:
            cached = self._entries.setdefault(scope, CachedIndex())
            self._entries.move_to_end(scope)
            cached.used_at = now = time.monotonic()
            while now - next(iter(self._entries.values())).used_at > self._idle_seconds:
                self._entries.popitem(last=False)
            return cached

    def _refresh(self, scope: MemoryScope, cached: CachedIndex) -> None:
        """Add what was written since; begin anew when documents went away.

        The revision is read again, as another search may have brought it up to date. It is read
        before the documents, so what is written meanwhile is read twice, which changes nothing.
        """
        revision, epoch = self._reader.revision(scope)
        if cached.index.epoch != epoch or cached.index.revision > revision:
            cached.index = self._begun(epoch)
        if cached.index.revision < revision:
            cached.index.take(self._reader.since(scope, cached.index.revision), revision)

    def _shrink(self) -> None:
        """Drop the oldest until the rest fits; the newest stays whatever it takes."""
        with self._lock:
            sizes = [cached.index.size_bytes for cached in self._entries.values()]
            total = sum(sizes)
            while total > self._most_bytes and len(self._entries) > 1:
                total -= self._entries.popitem(last=False)[1].index.size_bytes
