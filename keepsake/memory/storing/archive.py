"""Memories as a resource: listed, read with their history, exported, edited, deleted, erased."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.cursor import Cursor
from pymongo.database import Database

from keepsake.inference import Embedder
from keepsake.memory.domains.profile import read_facts
from keepsake.memory.domains.registry import DOMAINS
from keepsake.memory.errors import Contended, NoSuchMemory
from keepsake.memory.models import Candidate, Invalidation, Kind, MemoryScope, Report, Slot
from keepsake.memory.storing import documents
from keepsake.memory.storing.documents import (
    INDEXES,
    LEDGER,
    LIVING,
    LLM_CALLS,
    MEMORIES,
    PIECES,
    SPOOLS,
    USERS,
    VECTOR_BYTES,
    WENT,
    owned,
)
from keepsake.memory.storing.repository import MemoryRepository, TurnEffects
from keepsake.memory.storing.weave import TurnWrites
from keepsake.memory.tags import tags_of
from keepsake.storage import Document, Preparation, Unfenced, new_id, translated

EXAMINED = 2_000
"""Documents that one page looks at; a filter that few fit makes a short page, or an empty one."""
_NEVER_SHOWN = ("vector", "embedded_by", "owner", "keys")
_HIDDEN = {**dict.fromkeys(_NEVER_SHOWN, 0), "rev": 0, "order": 0, "identity": 0}


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """Some memories in the order of their ids, and where the next page begins."""

    memories: list[dict[str, Any]]
    next_after: str | None


class Archive:
    """Reads; everything is scoped by owner and user."""

    def __init__(self, database: Database[Document]) -> None:
        self._memories = database[MEMORIES]
        self._ledger = database[LEDGER]
        self._replies = database[LLM_CALLS]
        self._spools = database[SPOOLS]
        self._prepare = Preparation(database, INDEXES).once

    def page(
        self,
        scope: MemoryScope,
        *,
        kinds: Sequence[Kind] = (Kind.MEMORY,),
        domains: Iterable[str] = tuple(DOMAINS),
        history: bool = False,
        tags: Document | None = None,
        after: str = "",
        limit: int = 50,
    ) -> MemoryPage:
        """The user's memories that hold now, or with `history` those that ended as well.

        tags: the filter of those that belong to what is asked for.
        """
        wanted: Document = {
            **LIVING,
            **(tags or {}),
            "kind": {"$in": [str(kind) for kind in kinds]},
            "domain": {"$in": list(domains)},
            **({} if history else {"valid_to": None}),
        }
        self._prepare()
        with translated("listing memories"):
            end = self._examined(scope, after)
            ids = {"$gt": after, **({"$lte": end} if end else {})}
            documents = list(
                self._by_id({**owned(scope), **wanted, "_id": ids}, _HIDDEN, limit + 1)
            )
        shown = [_shown(document) for document in documents[:limit]]
        return MemoryPage(shown, shown[-1]["id"] if len(documents) > limit else end)

    def get(self, scope: MemoryScope, memory_id: str) -> dict[str, Any]:
        """One memory with its provenance, and the versions before and after it.

        Raises:
            NoSuchMemory: The user has none of that id.
        """
        with translated("reading a memory"):
            wanted = {**owned(scope), **LIVING, "_id": memory_id}
            document = self._memories.find_one(wanted, {"vector": 0})
            if document is None:
                raise NoSuchMemory("the user has no memory of that id")
            return {**_shown(document), "history": list(self._history(scope, document))}

    def export(self, scope: MemoryScope, tags: Document | None = None) -> Iterator[dict[str, Any]]:
        """All of a user's turns and memories, ended ones too, oldest first, to be restored whole.

        tags: the filter of those that belong to what is asked for.
        """
        with translated("exporting"):
            wanted = {**owned(scope), **LIVING, **(tags or {})}
            passages = {
                "$toInt": {"$floor": {"$divide": [{"$binarySize": "$vector"}, VECTOR_BYTES]}}
            }
            documents = self._memories.aggregate([
                {"$match": wanted}, {"$sort": {"rev": 1, "kind": -1}},
                {"$set": {"passages": passages}}, {"$unset": list(_NEVER_SHOWN)},
            ])  # fmt: skip
            yield from (_shown(document, _NEVER_SHOWN) for document in documents)

    def counts(self, scope: MemoryScope) -> dict[str, int]:
        """How much is kept of a user."""
        with translated("counting"):
            return {
                **{f"{kind}s" if kind is Kind.TURN else "memories": self._memories.count_documents(
                    {**owned(scope), "kind": str(kind)}) for kind in Kind},
                "ledger": self._ledger.count_documents(owned(scope)),
                "replies": self._replies.count_documents(owned(scope)),
                "uploads": self._spools.count_documents(owned(scope)),
            }  # fmt: skip

    def _examined(self, scope: MemoryScope, after: str) -> str | None:
        """The last document that a page looks at, read from the index; None when they are fewer."""
        rest = {**owned(scope), "_id": {"$gt": after}}
        last = next(self._by_id(rest, {"_id": 1}, 1).skip(EXAMINED - 1), None)
        return str(last["_id"]) if last else None

    def _by_id(self, which: Document, shown: Document, limit: int) -> Cursor[Document]:
        return self._memories.find(which, shown).hint("by_id").sort("_id", 1).limit(limit)

    def _history(self, scope: MemoryScope, document: Document) -> Iterator[dict[str, Any]]:
        """All values of the same attribute, or the chain of edits, oldest first."""
        slot = document["slot"]
        if slot and slot["single"]:
            same = {"keys": document["keys"][0]}
        else:
            linked = [document["_id"], document["supersedes"], document["superseded_by"]]
            same = {"_id": {"$in": [memory_id for memory_id in linked if memory_id]}}
        versions = self._memories.find({**owned(scope), **LIVING, **same}, {"vector": 0})
        for version in versions.sort([("valid_from", 1), ("order", 1), ("_id", 1)]):
            yield {
                "id": version["_id"], "content": version["content"],
                "valid_from": _iso(version["valid_from"]), "valid_to": _iso(version["valid_to"]),
                "superseded_by": version["superseded_by"], "provenance": version["provenance"],
            }  # fmt: skip


def _shown(document: Document, hidden: Iterable[str] = tuple(_HIDDEN)) -> dict[str, Any]:
    """A document as its owner sees it: JSON values, no vectors."""
    left_out = {"_id", *hidden}
    shown = {"id": document["_id"]} | {k: v for k, v in document.items() if k not in left_out}
    plain: dict[str, Any] = _plain(shown)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


_TRIES = 8
_EDITED = "edited"


@dataclass(frozen=True, slots=True)
class ErasureProof:
    """What was kept of a user before, and is after: the proof of an erasure."""

    before: dict[str, int]
    after: dict[str, int]


class Changes:
    """Changes by an owner; everything is scoped by owner and user."""

    def __init__(
        self, database: Database[Document], repository: MemoryRepository, embedder: Embedder
    ) -> None:
        self._database = database
        self._memories = database[MEMORIES]
        self._users = database[USERS]
        self._repository = repository
        self._embedder = embedder
        self._archive = Archive(database)

    def edit(self, scope: MemoryScope, memory_id: str, content: str) -> str:
        """Replace what a memory says by a new one, whose id is returned; the old one is history.

        Raises:
            NoSuchMemory: The user has no memory of that id that holds now.
            Contended: Other writers kept changing this user's memories.
        """
        edit_id = new_id("edit")
        vectors = documents.embedded(self._embedder.embed([content]), self._embedder.model.name)
        for _ in range(_TRIES):
            known = self._repository.known(scope, "", ())
            old = self._held(scope, memory_id)
            now = max(self._repository.now(), old["valid_from"])
            candidate = Candidate(old["domain"], content, _slot(old, content), model=_EDITED)
            origin = {"job_id": edit_id, "position": 0, "turn_id": "", "source_id": ""}
            new = documents.memory(f"mem_{edit_id}", candidate, vectors, origin, now, tags_of(old))
            new |= {"supersedes": memory_id, "support": old["support"]}
            invalidation = Invalidation(memory_id, new["_id"], edit_id, now)
            woven = TurnWrites(
                [new], {memory_id: documents.invalidations_of([invalidation], memory_id)}, {}
            )
            effects = TurnEffects(scope, edit_id, 0, known.revision, woven, Report(()))
            if self._repository.commit(effects, Unfenced()):
                return str(new["_id"])
        raise Contended("this user's memories kept changing")

    def delete(self, scope: MemoryScope, memory_id: str) -> int:
        """Delete a memory, or a turn with the memories that only it supports, for good.

        How many documents went is returned. What a deleted memory had superseded stays history.

        Raises:
            NoSuchMemory: The user has none of that id.
        """

        def together(session: ClientSession) -> int:
            revision = self._advance(scope, session)
            whose = owned(scope)
            document = self._memories.find_one({**whose, "_id": memory_id}, session=session)
            if document is None:
                raise NoSuchMemory("the user has no memory of that id")
            gone = [memory_id]
            if document["kind"] == Kind.TURN:
                gone += self._only_from(scope, memory_id, session)
                self._unsupport(scope, memory_id, revision, session)
            return self._memories.delete_many({"_id": {"$in": gone}}, session=session).deleted_count

        with translated("deleting"), self._database.client.start_session() as session:
            return session.with_transaction(together)

    def erase(self, scope: MemoryScope) -> ErasureProof:
        """Delete all that is kept of a user.

        Raises:
            StorageUnavailable: MongoDB does not answer; asking again finishes it.
        """
        before = self._archive.counts(scope)
        with translated("erasing"):
            for name in (MEMORIES, LEDGER, LLM_CALLS, PIECES, SPOOLS, USERS):
                self._database[name].delete_many(owned(scope))
        return ErasureProof(before, self._archive.counts(scope))

    def _held(self, scope: MemoryScope, memory_id: str) -> Document:
        held = {**owned(scope), **LIVING, "_id": memory_id, "kind": str(Kind.MEMORY),
                "valid_to": None}  # fmt: skip
        with translated("reading a memory"):
            document = self._memories.find_one(held)
        if document is None:
            raise NoSuchMemory("the user has no memory of that id that holds now")
        return document

    def _advance(self, scope: MemoryScope, session: ClientSession) -> int:
        user = self._users.find_one_and_update(
            owned(scope), WENT, return_document=ReturnDocument.AFTER, session=session
        )
        return int(user["revision"]) if user else 0

    def _only_from(self, scope: MemoryScope, turn_id: str, session: ClientSession) -> list[str]:
        only = {**owned(scope), "support.turn_id": turn_id, "support": {"$size": 1}}
        return [
            document["_id"] for document in self._memories.find(only, {"_id": 1}, session=session)
        ]

    def _unsupport(
        self, scope: MemoryScope, turn_id: str, revision: int, session: ClientSession
    ) -> None:
        said = {**owned(scope), "support.turn_id": turn_id, "support.1": {"$exists": True}}
        change = {"$pull": {"support": {"turn_id": turn_id}}, "$set": {"rev": revision}}
        self._memories.update_many(said, change, session=session)


def _slot(old: Document, content: str) -> Slot | None:
    """What an edited fact says of the attribute it was about."""
    if not old["slot"]:
        return None
    was = Slot(**old["slot"])
    same = [slot for slot in read_facts(content, was.subject) if slot.attribute == was.attribute]
    return same[0] if same and not same[0].negated else None
