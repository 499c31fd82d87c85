"""The symbol indexes of a process: loaded on demand, kept while used and while memory lasts."""

import threading
from collections import OrderedDict
from datetime import datetime

from pymongo.database import Database

from keepsake.scanner.search.lexical import Vocabulary
from keepsake.scanner.search.symbol_index import Page, SymbolIndex, page
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.heads import Head
from keepsake.scanner.store.vectors import VectorStore
from keepsake.storage.mongo import Document

_FIELDS = {"symbols": 1, "calls": 1}
_AT_ONCE = 500
Edition = tuple[int, datetime]


class SymbolIndexes:
    """Threads share it; two that ask for the same index build it once."""

    def __init__(self, database: Database[Document], model: str, limit_mb: int) -> None:
        self._database, self._model = database, model
        self._limit_bytes = limit_mb << 20
        self._files, self._blobs = Files(database), Blobs(database)
        self._kept: OrderedDict[str, tuple[Edition, SymbolIndex]] = OrderedDict()
        self._lock = threading.Lock()
        self._building: dict[str, threading.Lock] = {}

    def of(self, head: Head, *, vectors: bool = False) -> SymbolIndex:
        """The symbol_index of what a head shows now."""
        with self._lock:
            building = self._building.setdefault(head.index, threading.Lock())
        with building:
            edition, symbol_index = self._kept.get(head.index, (None, None))
            if symbol_index is None or edition != head.edition:
                symbol_index = self._built(head, symbol_index)
            if vectors:
                self._refresh(head, symbol_index)
            self._keep(head, symbol_index)
            return symbol_index

    def _built(self, head: Head, before: SymbolIndex | None) -> SymbolIndex:
        fields = {"path": 1, "language": 1, "key": 1, "_id": 0}
        rows = self._files.shown(head.index, head.generation, {"key": {"$ne": None}}, fields)
        files = [(row["path"], row["language"], row["key"]) for row in rows]
        vocabulary = before.vocabulary if before else Vocabulary()
        known = before.pages if before else {}
        pages: dict[str, Page] = {key: known[key] for _, _, key in files if key in known}
        missing = sorted({key for _, _, key in files} - set(pages))
        for start in range(0, len(missing), _AT_ONCE):
            for blob in self._blobs.read(missing[start : start + _AT_ONCE], _FIELDS):
                pages[blob["_id"]] = page(blob, vocabulary)
        return SymbolIndex(files, pages, vocabulary)

    def _refresh(self, head: Head, symbol_index: SymbolIndex) -> None:
        """Vectors come after the index is published: look again while some are missing."""
        if symbol_index.covered.all() and symbol_index.parts >= 0:
            return
        store = VectorStore(self._database, head.repository, self._model)
        there = store.count()
        if there != symbol_index.parts:
            symbol_index.load_vectors(store, there)

    def _keep(self, head: Head, symbol_index: SymbolIndex) -> None:
        with self._lock:
            self._kept[head.index] = (head.edition, symbol_index)
            self._kept.move_to_end(head.index)
            while len(self._kept) > 1 and self._size() > self._limit_bytes:
                self._kept.popitem(last=False)

    def _size(self) -> int:
        return sum(symbol_index.bytes for _, symbol_index in self._kept.values())
