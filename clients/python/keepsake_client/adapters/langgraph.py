"""LangGraph's `BaseStore` over Keepsake: exact values, found by words and meaning."""

import asyncio
from collections.abc import Iterable

from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
)
from langgraph.store.memory import InMemoryStore

from keepsake_client.adapters.documents import Document, Documents
from keepsake_client.client import Keepsake


class KeepsakeStore(BaseStore):
    """A store whose documents are those of one user of Keepsake.

    As in LangGraph's own stores, what a batch reads is as it was before what the batch puts.
    """

    def __init__(self, client: Keepsake | None = None, *, user_id: str = "langgraph") -> None:
        self._documents = Documents(client or Keepsake(), user_id)

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """The results of operations, in their order."""
        asked = list(ops)
        results = [None if isinstance(op, PutOp) else self._read(op) for op in asked]
        last = {(op.namespace, op.key): op for op in asked if isinstance(op, PutOp)}
        for op in last.values():
            self._put(op)
        return results

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """The same in a thread."""
        return await asyncio.to_thread(self.batch, list(ops))

    def _read(self, op: GetOp | SearchOp | ListNamespacesOp) -> Result:
        if isinstance(op, GetOp):
            document = self._documents.get(op.namespace, op.key)
            return None if document is None else Item(**_fields(document))
        if isinstance(op, ListNamespacesOp):
            return _copy(self._documents.listed()).batch([op])[0]
        return self._searched(op)

    def _searched(self, op: SearchOp) -> list[SearchItem]:
        place = op.namespace_prefix
        documents = (
            list(self._documents.search(op.query, place))
            if op.query
            else self._documents.listed(place)
        )
        every = op._replace(query=None, limit=len(documents), offset=0)
        fitting = {(item.namespace, item.key) for item in _copy(documents).batch([every])[0]}
        items = [
            SearchItem(**_fields(document), score=document.score)
            for document in documents
            if (document.namespace, document.key) in fitting
        ]
        return items[op.offset : op.offset + op.limit]

    def _put(self, op: PutOp) -> None:
        if op.value is None:
            self._documents.delete(op.namespace, op.key)
        else:
            self._documents.put(op.namespace, {op.key: dict(op.value)})


def _copy(documents: Iterable[Document]) -> InMemoryStore:
    """The documents in a store of LangGraph's own, which knows its filters and its patterns."""
    store = InMemoryStore()
    store.batch([PutOp(each.namespace, each.key, each.value) for each in documents])
    return store


def _fields(document: Document) -> dict[str, object]:
    return {
        "namespace": document.namespace,
        "key": document.key,
        "value": document.value,
        "created_at": document.created_at,
        "updated_at": document.updated_at,
    }
