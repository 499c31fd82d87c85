"""What prompts ask of an index; threads share it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from pymongo.database import Database

from keepsake.scanner.errors import NotIndexed
from keepsake.scanner.git.history import LineLog
from keepsake.scanner.prompting.answers import CodeMap, LineCommit, LineHistory, Outline
from keepsake.scanner.prompting.maps import CodeMaps
from keepsake.scanner.prompting.outlining import outlined
from keepsake.scanner.prompting.snippets import NOT_THERE, Snippets, missing, span_of
from keepsake.scanner.prompting.tokens import token_count
from keepsake.scanner.prompting.worth import worth_of_path
from keepsake.scanner.search.answers import (
    CodeHit,
    IndexOrigin,
    SourceView,
    SymbolHits,
    SymbolPlace,
    Use,
    UseList,
    origin,
)
from keepsake.scanner.search.name_search import NameSearch
from keepsake.scanner.search.service import CodeSearch
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex
from keepsake.scanner.store.readers import IndexReader, RepositoryName
from keepsake.storage import Document

_MOST_OTHERS = 20
Lines = tuple[int, int]
Answer = TypeVar("Answer", SymbolHits, UseList)


class CodePrompts:
    """Code for prompts, of the indexes that a search reads too.

    Each question raises `NotIndexed` where the reader has no such index.
    """

    def __init__(
        self,
        database: Database[Document],
        search: CodeSearch,
        settings: ScannerSettings | None = None,
    ) -> None:
        settings = settings or ScannerSettings()
        files, blobs = Files(database), Blobs(database)
        self._search, self._names = search, NameSearch(files, blobs)
        self._snippets, self._log = Snippets(files, blobs), LineLog(settings)
        self._maps = CodeMaps(database, search.symbol_indexes, settings.scan_symbol_index_mb)

    def map(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        max_tokens: int = 1_000,
        query: str = "",
        path: str = "",
    ) -> CodeMap:
        """The symbols that matter most, as many as fit; seen from a query or a path."""
        index = self._search.listing.index(reader, repository)
        filled = self._maps.of(index, max_tokens, query, path)
        return CodeMap(**origin(index, reader), **filled)

    def outline(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        path: str,
        max_tokens: int = 2_000,
    ) -> Outline:
        """The symbols of a file as a tree, as many as fit."""
        defined = self._search.definitions(reader, repository, path)
        shown, text = outlined(defined.symbols, max_tokens)
        return Outline(
            **_origin_of(defined), path=path, text=text, tokens=token_count(text), symbols=shown,
            left_out=len(defined.symbols) - len(shown), partial=defined.partial,
        )  # fmt: skip

    def source(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        path: str | None = None,
        symbol: str | None = None,
        lines: Lines | None = None,
    ) -> SourceView:
        """The text of a file, of some of its lines, or of a symbol wherever it is defined.

        Raises:
            NotIndexed: No such file or symbol.
            FileSkipped: The file was not read.
        """
        if path is not None:
            return self._search.source(reader, repository, path, symbol=symbol, lines=lines)
        index = self._search.listing.index(reader, repository)
        first, *others = self._defining(index, symbol or "")
        named = _pinned(repository, index.owner, index.host, index.branch)
        span = (first.first_line, first.end_line)
        view = self._search.source(reader, named, first.path, lines=span)
        return view.model_copy(update={"others": tuple(map(_place, others[:_MOST_OTHERS]))})

    def history(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        path: str | None = None,
        symbol: str | None = None,
        lines: Lines | None = None,
        limit: int = 10,
    ) -> LineHistory:
        """The last commits that changed a symbol or some lines, as far as they were fetched."""
        view = self.source(reader, repository, path, symbol, lines)
        named = _pinned(repository, view.owner, view.host, view.branch)
        index = self._search.listing.index(reader, named)
        source = view.source
        span = (source.first, max(source.first, source.last))
        changes = self._log.changes(index.repository, view.commit, source.path, span, limit)
        return LineHistory(
            **_origin_of(view), path=source.path, first=source.first, last=source.last,
            commits=[
                LineCommit(commit=change.commit, committed_at=change.at, author=change.author,
                           subject=change.subject)
                for change in changes.listed
            ],
            complete=changes.reason is None, reason=changes.reason,
        )  # fmt: skip

    def with_snippets(
        self, reader: IndexReader, repository: RepositoryName, answer: Answer, lines: int
    ) -> Answer:
        """An answer of hits or uses, each with some lines of its code; as it is for none."""
        if not lines:
            return answer
        name = "hits" if "hits" in type(answer).model_fields else "uses"
        places: Sequence[CodeHit | Use] = getattr(answer, name)
        spans = [span_of(place, lines) for place in places]
        named = _pinned(repository, answer.owner, answer.host, answer.branch)
        index = self._search.listing.index(reader, named)
        if index.current["commit"] == answer.commit:
            snippets = self._snippets.cut(index, spans)
        else:  # another scan has published meanwhile
            snippets = [missing(span, NOT_THERE) for span in spans]
        shown = [
            place.model_copy(update={"snippet": snippet})
            for place, snippet in zip(places, snippets, strict=True)
        ]
        return answer.model_copy(update={name: shown})

    def _defining(self, index: PublishedIndex, symbol: str) -> list[CodeHit]:
        """The symbols of exactly this name; code before data, and tests last."""
        hits, _ = self._names.exact(index, symbol, _MOST_OTHERS + 1)
        if not hits:
            raise NotIndexed("no such symbol in this index")
        return sorted(hits, key=lambda hit: -hit.score * worth_of_path(hit.path))


def _pinned(name: RepositoryName, owner: str, host: str, branch: str) -> RepositoryName:
    """The repository as the index that has answered is named."""
    return replace(name, owner=owner, host=host, branch=branch)


def _origin_of(answer: IndexOrigin) -> dict[str, object]:
    return {name: getattr(answer, name) for name in IndexOrigin.model_fields}


def _place(hit: CodeHit) -> SymbolPlace:
    return SymbolPlace(path=hit.path, line=hit.line, qualified=hit.qualified)
