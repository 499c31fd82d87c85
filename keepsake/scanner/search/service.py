"""All searches: every question names who asks and which index."""

from collections.abc import Collection
from functools import cached_property

from pymongo.database import Database

from keepsake.inference import Embedder
from keepsake.scanner.search.answers import (
    CodeHit,
    Definitions,
    FolderListing,
    ImpactList,
    SourceView,
    SymbolHits,
    Use,
    UseList,
    origin,
)
from keepsake.scanner.search.browsing import Browsing
from keepsake.scanner.search.coverage import Coverage
from keepsake.scanner.search.everywhere import EverywhereSearch
from keepsake.scanner.search.impact import ImpactSearch
from keepsake.scanner.search.imported_names import ImportedNames
from keepsake.scanner.search.importing import ImportSearch
from keepsake.scanner.search.joined import JoinedSearch
from keepsake.scanner.search.name_search import (
    NameSearch,
    plain_name,
    similar_names,
    stored_names,
)
from keepsake.scanner.search.projects import IndexProjects
from keepsake.scanner.search.query_language import ParsedQuery
from keepsake.scanner.search.references import ALL_KINDS, References, UsePlace, used_names
from keepsake.scanner.search.subtypes import Subtypes
from keepsake.scanner.search.symbol_index import SymbolIndexes
from keepsake.scanner.search.text_answers import TextAnswers
from keepsake.scanner.search.text_search import TextSearch
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.listing import RepositoryListing
from keepsake.scanner.store.published import PublishedIndex, PublishedIndexes
from keepsake.scanner.store.readers import IndexReader, RepositoryName
from keepsake.scanner.store.removal import Removal
from keepsake.scanner.store.vectors import summaries_of
from keepsake.storage import Document


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
        limit_mb = (settings or ScannerSettings()).scan_symbol_index_mb
        self._database, self._embedder = database, embedder
        self.symbol_indexes = SymbolIndexes(database, embedding_model, limit_mb)
        self._projects = IndexProjects(database, limit_mb)
        self.indexes = PublishedIndexes(database)
        self.removal = Removal(database)
        self.listing = RepositoryListing(database)
        texts = TextSearch(database, limit_mb)
        self.texts = TextAnswers(texts, self.listing)
        self.joined = JoinedSearch(self._names, texts, self.symbol_indexes, embedder,
                                   Blobs(database))  # fmt: skip
        self.everywhere = EverywhereSearch(self.joined, self.listing)

    def by_name(
        self, reader: IndexReader, repository: RepositoryName, name: str, limit: int = 20
    ) -> SymbolHits:
        """Symbols by name: exact, prefix, words inside, misspelt; each symbol once."""
        index = self.listing.index(reader, repository)
        exact, more = self._names.exact(index, name, limit)
        begun, more_begun = self._names.prefix(index, name, limit)
        hits = _distinct(exact + begun)
        if len(hits) < limit:
            symbol_index = self.symbol_indexes.of(index)
            hits = _distinct(hits + similar_names(symbol_index, name, limit + len(hits)))
        shown = self._summarised(index, hits[:limit])
        return SymbolHits(**origin(index, reader), hits=shown, truncated=more or more_begun)

    def search(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        query: ParsedQuery,
        limit: int = 20,
        begin: int = 0,
    ) -> tuple[SymbolHits, bool]:
        """A page of what fits a name, a path or a question, and whether there is more.

        Symbols come with `text` where their own lines fit, and files where no symbol is around.
        """
        index = self.listing.index(reader, repository)
        ranked = self.joined.ranked(index, query)
        shown = self._summarised(index, ranked.hits[begin : begin + limit])
        answer = SymbolHits(**origin(index, reader), hits=shown, semantic=ranked.semantic)
        return answer, len(ranked.hits) > begin + limit

    def references(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        name: str,
        kinds: Collection[str] = ALL_KINDS,
        limit: int = 200,
        after: UsePlace | None = None,
    ) -> tuple[UseList, UsePlace | None]:
        """A page of the places that use a name, and the last of them if there are more."""
        index = self.listing.index(reader, repository)
        names = used_names(self._written(index, name))
        found = self._references.places(index, names, kinds, limit, after)
        uses = self._imported.shown(index, self._references.shown(index, found.places))
        answer = self._uses(index, reader, uses, [name, *names], found.cut)
        return answer, found.places[-1] if found.more else None

    def callers(self, reader: IndexReader, repository: RepositoryName, name: str) -> UseList:
        """The first places that call a name."""
        answer, more = self.references(reader, repository, name, {"call"})
        cut = answer.truncated or more is not None
        return answer.model_copy(update={"truncated": cut, "complete": answer.complete and not cut})

    def subclasses(self, reader: IndexReader, repository: RepositoryName, name: str) -> UseList:
        """The types that inherit from one of this name, also through others."""
        index = self.listing.index(reader, repository)
        written = self._written(index, name)
        uses, left = self._subtypes.subclasses(index, written)
        return self._uses(index, reader, uses, [name, *stored_names(written)], left)

    def implementations(
        self, reader: IndexReader, repository: RepositoryName, name: str
    ) -> UseList:
        """What implements a type or a method."""
        index = self.listing.index(reader, repository)
        written = self._written(index, name)
        uses, left = self._subtypes.implementations(index, written)
        return self._uses(index, reader, uses, [name, *stored_names(written)], left)

    def importers(self, reader: IndexReader, repository: RepositoryName, path: str) -> UseList:
        """The places that import a file or a module."""
        index = self.listing.index(reader, repository)
        uses, more = self._imports.importers(index, path)
        words, manifests = self._imports.words(index, path), self._imports.unread(index)
        return self._uses(index, reader, uses, words, more, manifests)

    def impact(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        path: str,
        symbol: str | None = None,
        depth: int = 3,
    ) -> ImpactList:
        """What may change when a file or a symbol changes."""
        index = self.listing.index(reader, repository)
        impacts, more = self._impact.of(index, path, symbol, depth)
        names = self._imports.words(index, path) if symbol is None else stored_names(symbol)
        manifests = self._imports.unread(index) if symbol is None else None
        whole = self._coverage.of(index, names, truncated=more, manifests=manifests)
        return ImpactList(**origin(index, reader), **whole, impacts=impacts, truncated=more)

    def definitions(
        self, reader: IndexReader, repository: RepositoryName, path: str
    ) -> Definitions:
        """What a file defines."""
        index = self.listing.index(reader, repository)
        hits, partial = self._browsing.definitions(index, path)
        symbols = self._summarised(index, hits)
        return Definitions(**origin(index, reader), symbols=symbols, partial=partial)

    def tree(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        folder: str = "",
        *,
        unread: bool = False,
    ) -> FolderListing:
        """The files and folders right inside a folder; or all below it not read whole."""
        index = self.listing.index(reader, repository)
        nodes, left = (
            self._browsing.unread(index, folder) if unread
            else (self._browsing.tree(index, folder), False)
        )  # fmt: skip
        return FolderListing(**origin(index, reader), nodes=nodes, truncated=left)

    def paths(self, reader: IndexReader, repository: RepositoryName, most: int) -> list[str]:
        """The paths of the first files, in their order."""
        return self._browsing.paths(self.listing.index(reader, repository), most)

    def source(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        path: str,
        *,
        symbol: str | None = None,
        lines: tuple[int, int] | None = None,
    ) -> SourceView:
        """A file's, a symbol's or some lines' text with line numbers."""
        index = self.listing.index(reader, repository)
        return SourceView(
            **origin(index, reader), source=self._browsing.source(index, path, symbol, lines)
        )

    def _summarised(self, index: PublishedIndex, hits: list[CodeHit]) -> list[CodeHit]:
        """The hits with what phase 2 wrote about them, if it ran."""
        if index.current.get("phase2") != "complete":
            return hits
        which = {"path": {"$in": [hit.path for hit in hits]}}
        rows = Files(self._database).shown(index.id, index.generation, which)
        keys = {row["path"]: row["key"] for row in rows}
        written = summaries_of(self._database, index.repository, list(keys.values()))
        return [
            hit.model_copy(
                update={"summary": written.get((keys[hit.path], hit.line, hit.qualified), "")}
            )
            for hit in hits
        ]

    @cached_property
    def _names(self) -> NameSearch:
        return NameSearch(Files(self._database), Blobs(self._database))

    def _written(self, index: PublishedIndex, name: str) -> str:
        """A name as it is used: as it was asked for, or without what stands around it."""
        plain = plain_name(name)
        if plain == name or self._references.knows(index, used_names(name)):
            return name
        return plain

    def _uses(
        self,
        index: PublishedIndex,
        reader: IndexReader,
        uses: list[Use],
        names: Collection[str],
        cut: bool,  # noqa: FBT001 - a fact of the answer
        manifests: Collection[str] | None = None,
    ) -> UseList:
        """An answer about some names."""
        whole = self._coverage.of(index, names, truncated=cut, manifests=manifests)
        return UseList(**origin(index, reader), **whole, uses=uses, truncated=cut)

    @cached_property
    def _imports(self) -> ImportSearch:
        return ImportSearch(Files(self._database), Blobs(self._database), self._projects)

    @cached_property
    def _references(self) -> References:
        return References(Files(self._database), Blobs(self._database))

    @cached_property
    def _imported(self) -> ImportedNames:
        files, blobs = Files(self._database), Blobs(self._database)
        return ImportedNames(files, blobs, self._projects, self._references)

    @cached_property
    def _subtypes(self) -> Subtypes:
        return Subtypes(Blobs(self._database), self._references)

    @cached_property
    def _coverage(self) -> Coverage:
        return Coverage(Files(self._database), Blobs(self._database), self._imports)

    @cached_property
    def _impact(self) -> ImpactSearch:
        return ImpactSearch(
            Files(self._database), Blobs(self._database), self._imports, self._references
        )

    @cached_property
    def _browsing(self) -> Browsing:
        return Browsing(Files(self._database), Blobs(self._database))


def _distinct(hits: list[CodeHit]) -> list[CodeHit]:
    """Each symbol once, at its best: a stable sort keeps the earlier kind of match first."""
    best: dict[tuple[str, int, str], CodeHit] = {}
    for candidate in hits:
        best.setdefault((candidate.path, candidate.line, candidate.qualified), candidate)
    return list(best.values())
