"""Memories as a resource: list, look at, follow through their history, export."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.cursor import Cursor
from pymongo.database import Database

from keepsake.memory.domains.registry import DOMAINS
from keepsake.memory.errors import NoSuchMemory
from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.storing.documents import INDEXES, LEDGER, LLM_CALLS, MEMORIES, owned
from keepsake.storage.errors import translated
from keepsake.storage.indexes import Preparation
from keepsake.storage.mongo import Document

EXAMINED = 2_000
"""Documents that one page looks at; a filter that few fit makes a short page, or an empty one."""
_HIDDEN = {"vector": 0, "owner": 0, "rev": 0, "order": 0, "keys": 0, "identity": 0}


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
        self._prepare = Preparation(database, INDEXES).once

    def page(
        self,
        scope: MemoryScope,
        *,
        kinds: Sequence[Kind] = (Kind.MEMORY,),
        domains: Iterable[str] = tuple(DOMAINS),
        history: bool = False,
        after: str = "",
        limit: int = 50,
    ) -> MemoryPage:
        """The user's memories that hold now, or with `history` those that ended as well."""
        wanted: Document = {
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
            document = self._memories.find_one({**owned(scope), "_id": memory_id}, {"vector": 0})
            if document is None:
                raise NoSuchMemory("the user has no memory of that id")
            return {**_shown(document), "history": list(self._history(scope, document))}

    def export(self, scope: MemoryScope) -> Iterator[dict[str, Any]]:
        """All of a user's turns and memories, ended ones too, oldest first."""
        with translated("exporting"):
            documents = self._memories.find(owned(scope), _HIDDEN).sort([("rev", 1), ("kind", -1)])
            yield from (_shown(document) for document in documents)

    def counts(self, scope: MemoryScope) -> dict[str, int]:
        """How much is kept of a user."""
        with translated("counting"):
            return {
                **{f"{kind}s" if kind is Kind.TURN else "memories": self._memories.count_documents(
                    {**owned(scope), "kind": str(kind)}) for kind in Kind},
                "ledger": self._ledger.count_documents(owned(scope)),
                "replies": self._replies.count_documents(owned(scope)),
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
        versions = self._memories.find({**owned(scope), **same}, {"vector": 0})
        for version in versions.sort([("valid_from", 1), ("order", 1), ("_id", 1)]):
            yield {
                "id": version["_id"], "content": version["content"],
                "valid_from": _iso(version["valid_from"]), "valid_to": _iso(version["valid_to"]),
                "superseded_by": version["superseded_by"], "provenance": version["provenance"],
            }  # fmt: skip


def _shown(document: Document) -> dict[str, Any]:
    """A document as its owner sees it: JSON values, no vectors."""
    hidden = {"_id", *_HIDDEN}
    shown = {"id": document["_id"]} | {k: v for k, v in document.items() if k not in hidden}
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
