"""All of search behind one door: every question names who asks and which index."""

from functools import cached_property
from typing import Any

from pymongo.database import Database

from keepsake.scanner.ports import Embedder
from keepsake.scanner.search.answers import (
    Answer,
    Definitions,
    Impacts,
    SourceView,
    Tree,
    Uses,
)
from keepsake.scanner.search.browsing import Browsing
from keepsake.scanner.search.hits import Hit
from keepsake.scanner.search.impact import ImpactSearch
from keepsake.scanner.search.meaning import by_meaning
from keepsake.scanner.search.name_search import NameSearch, loosely
from keepsake.scanner.search.structure import Structure
from keepsake.scanner.search.symbol_indexes import SymbolIndexes
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.heads import Head, Heads
from keepsake.scanner.store.listing import Listing
from keepsake.scanner.store.places import Place
from keepsake.scanner.store.readers import Reader
from keepsake.scanner.store.vectors import summaries_of
from keepsake.storage.mongo import Document


class CodeSearch:
    """What a process keeps for searching; threads share it.

    Each question raises `NotIndexed` where the reader has no such index.
    """

    def __init__(
        self,
        database: Database[Document],
        settings: ScannerSettings | None = None,
        embedder: Embedder | None = None,
        embedding_model: str = "all-MiniLM-L6-v2",
    ) -> None:
        limit_mb = (settings or ScannerSettings()).scan_catalogue_mb
        self._database, self._embedder = database, embedder
        self._catalogues = SymbolIndexes(database, embedding_model, limit_mb)
        self.heads = Heads(database)
        self.listing = Listing(database)

    def by_name(self, reader: Reader, place: Place, name: str, limit: int = 20) -> Answer:
        """Symbols by name: exact, prefix, words inside, misspelt; each symbol once."""
        head = self.listing.head(reader, place)
        exact, more = self._names.exact(head, name, limit)
        begun, more_begun = self._names.prefix(head, name, limit)
        hits = _distinct(exact + begun)
        if len(hits) < limit:
            symbol_index = self._catalogues.of(head)
            hits = _distinct(hits + loosely(symbol_index, name, limit + len(hits)))
        shown = self._summarised(head, hits[:limit])
        return Answer(**_origin(head, reader), hits=shown, truncated=more or more_begun)

    def by_meaning(self, reader: Reader, place: Place, query: str, limit: int = 20) -> Answer:
        """Symbols by what they are about."""
        head = self.listing.head(reader, place)
        symbol_index = self._catalogues.of(head, vectors=self._embedder is not None)
        hits = by_meaning(symbol_index, query, self._embedder, limit)
        shown = self._summarised(head, hits)
        return Answer(**_origin(head, reader), hits=shown, semantic=symbol_index.semantic)

    def callers(self, reader: Reader, place: Place, name: str) -> Uses:
        """The places that call a name."""
        head = self.listing.head(reader, place)
        uses, more = self._structure.callers(head, name)
        return Uses(**_origin(head, reader), uses=uses, truncated=more)

    def importers(self, reader: Reader, place: Place, path: str) -> Uses:
        """The places that import a file or a module."""
        head = self.listing.head(reader, place)
        uses, more = self._structure.importers(head, path)
        return Uses(**_origin(head, reader), uses=uses, truncated=more)

    def impact(
        self, reader: Reader, place: Place, path: str, symbol: str | None = None, depth: int = 3
    ) -> Impacts:
        """What may change when a file or a symbol changes."""
        head = self.listing.head(reader, place)
        found, more = self._impact.of(head, path, symbol, depth)
        return Impacts(**_origin(head, reader), impacts=found, truncated=more)

    def definitions(self, reader: Reader, place: Place, path: str) -> Definitions:
        """What a file defines."""
        head = self.listing.head(reader, place)
        symbols = self._summarised(head, self._browsing.definitions(head, path))
        return Definitions(**_origin(head, reader), symbols=symbols)

    def tree(self, reader: Reader, place: Place, folder: str = "") -> Tree:
        """The files and folders right inside a folder."""
        head = self.listing.head(reader, place)
        return Tree(**_origin(head, reader), nodes=self._browsing.tree(head, folder))

    def source(
        self,
        reader: Reader,
        place: Place,
        path: str,
        *,
        symbol: str | None = None,
        lines: tuple[int, int] | None = None,
    ) -> SourceView:
        """A file's, a symbol's or some lines' text with line numbers."""
        head = self.listing.head(reader, place)
        return SourceView(
            **_origin(head, reader), source=self._browsing.source(head, path, symbol, lines)
        )

    def _summarised(self, head: Head, hits: list[Hit]) -> list[Hit]:
        """The hits with what phase 2 wrote about them, if it ran."""
        if head.current.get("phase2") != "complete":
            return hits
        which = {"path": {"$in": [one.path for one in hits]}}
        rows = Files(self._database).shown(head.index, head.generation, which)
        keys = {row["path"]: row["key"] for row in rows}
        written = summaries_of(self._database, head.repository, list(keys.values()))
        return [
            one.model_copy(
                update={"summary": written.get((keys[one.path], one.line, one.qualified), "")}
            )
            for one in hits
        ]

    @cached_property
    def _names(self) -> NameSearch:
        return NameSearch(Files(self._database), Blobs(self._database))

    @cached_property
    def _structure(self) -> Structure:
        return Structure(Files(self._database), Blobs(self._database))

    @cached_property
    def _impact(self) -> ImpactSearch:
        return ImpactSearch(Files(self._database), Blobs(self._database), self._structure)

    @cached_property
    def _browsing(self) -> Browsing:
        return Browsing(Files(self._database), Blobs(self._database))


def _distinct(hits: list[Hit]) -> list[Hit]:
    """Each symbol once, at its best: a stable sort keeps the earlier kind of match first."""
    best: dict[tuple[str, int, str], Hit] = {}
    for one in hits:
        best.setdefault((one.path, one.line, one.qualified), one)
    return list(best.values())


def _origin(head: Head, reader: Reader) -> dict[str, Any]:
    return {
        "owner": head.owner, "own": head.owner == reader.owner, "host": head.host,
        "branch": head.branch, "commit": head.current["commit"],
    }  # fmt: skip
