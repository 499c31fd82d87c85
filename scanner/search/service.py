"""All of search behind one door: every question names who asks and which index."""

from functools import cached_property

from pymongo.database import Database

from scanner.ports import Embedder
from scanner.search.browsing import Browsing, Excerpt, Node
from scanner.search.catalogues import Catalogues
from scanner.search.hits import Answer, Hit, Impact, Use
from scanner.search.meaning import by_meaning
from scanner.search.names import NameSearch, loosely
from scanner.search.structure import Structure
from scanner.settings import ScannerSettings
from scanner.store.blobs import Blobs
from scanner.store.files import Files
from scanner.store.heads import Head, Heads, Reader
from scanner.store.listing import Listing
from scanner.store.vectors import summaries_of
from storage.mongo import Document


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
        self._catalogues = Catalogues(database, embedding_model, limit_mb)
        self.heads = Heads(database)
        self.listing = Listing(database)

    def by_name(self, reader: Reader, place: "Place", name: str, limit: int = 20) -> Answer:
        """Symbols by name: exact, prefix, words inside, misspelt; each symbol once."""
        head = place.head(self.heads, reader)
        hits = _distinct(self._names.exact(head, name) + self._names.prefix(head, name))
        if len(hits) < limit:
            hits = _distinct(hits + loosely(self._catalogues.of(head), name))
        return _answer(head, self._summarised(head, hits[:limit]))

    def by_meaning(self, reader: Reader, place: "Place", query: str, limit: int = 20) -> Answer:
        """Symbols by what they are about."""
        head = place.head(self.heads, reader)
        catalogue = self._catalogues.of(head, vectors=self._embedder is not None)
        hits = by_meaning(catalogue, query, self._embedder, limit)
        return _answer(head, self._summarised(head, hits), catalogue.semantic)

    def callers(self, reader: Reader, place: "Place", name: str) -> list[Use]:
        """The places that call a name."""
        return self._structure.callers(place.head(self.heads, reader), name)

    def importers(self, reader: Reader, place: "Place", path: str) -> list[Use]:
        """The places that import a file or a module."""
        return self._structure.importers(place.head(self.heads, reader), path)

    def impact(
        self, reader: Reader, place: "Place", path: str, symbol: str | None = None, depth: int = 3
    ) -> list[Impact]:
        """What may change when a file or a symbol changes."""
        return self._structure.impact(place.head(self.heads, reader), path, symbol, depth)

    def definitions(self, reader: Reader, place: "Place", path: str) -> list[Hit]:
        """What a file defines."""
        head = place.head(self.heads, reader)
        return self._summarised(head, self._browsing.definitions(head, path))

    def tree(self, reader: Reader, place: "Place", folder: str = "") -> list[Node]:
        """The files and folders right inside a folder."""
        return self._browsing.tree(place.head(self.heads, reader), folder)

    def source(
        self,
        reader: Reader,
        place: "Place",
        path: str,
        *,
        symbol: str | None = None,
        lines: tuple[int, int] | None = None,
    ) -> Excerpt:
        """A file's, a symbol's or some lines' text with line numbers."""
        return self._browsing.source(place.head(self.heads, reader), path, symbol, lines)

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
        return Structure(Files(self._database), Blobs(self._database), self._names)

    @cached_property
    def _browsing(self) -> Browsing:
        return Browsing(Files(self._database), Blobs(self._database))


class Place:
    """Which index is meant: a repository, and a branch where it is not the latest scanned."""

    def __init__(self, org: str, repo: str, branch: str | None = None) -> None:
        self.org, self.repo, self.branch = org, repo, branch

    def head(self, heads: Heads, reader: Reader) -> Head:
        """The index, if the reader may see it."""
        return heads.readable(reader, self.org, self.repo, self.branch)


def _distinct(hits: list[Hit]) -> list[Hit]:
    """Each symbol once, at its best: a stable sort keeps the earlier kind of match first."""
    best: dict[tuple[str, int, str], Hit] = {}
    for one in hits:
        best.setdefault((one.path, one.line, one.qualified), one)
    return list(best.values())


def _answer(head: Head, hits: list[Hit], semantic: float = 0.0) -> Answer:
    return Answer(commit=head.current["commit"], branch=head.branch, hits=hits, semantic=semantic)
