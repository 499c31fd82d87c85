"""Maps of indexes: symbols are ranked once for a generation, and a map is filled for a question."""

from typing import Any

import numpy as np
from pymongo.database import Database

from keepsake.scanner.errors import NotIndexed
from keepsake.scanner.parse.text import words
from keepsake.scanner.prompting.mapping import MapMaker
from keepsake.scanner.prompting.ranking import SymbolRanking, shares
from keepsake.scanner.prompting.tokens import token_count
from keepsake.scanner.prompting.use_graph import Floats, used_names
from keepsake.scanner.search.coverage import Coverage
from keepsake.scanner.search.edition_cache import EditionCache
from keepsake.scanner.search.symbol_index import SymbolIndex, SymbolIndexes
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_SHARE = 4
"""Symbol indexes may take so many times more than their rankings."""
_MOST_MATCHES = 100
"""Of a query: what fits worse tells nothing of what was meant."""


class CodeMaps:
    """The rankings of a process; threads share it."""

    def __init__(
        self, database: Database[Document], symbol_indexes: SymbolIndexes, symbol_index_mb: int
    ) -> None:
        self._files, self._blobs = Files(database), Blobs(database)
        self._symbol_indexes = symbol_indexes
        self._kept = EditionCache[SymbolRanking]((symbol_index_mb << 20) // _SHARE)

    def of(self, index: PublishedIndex, max_tokens: int, query: str, path: str) -> dict[str, Any]:
        """The fields of a map of an index, seen from a query or a path if they are given.

        Raises:
            NotIndexed: The index has no such file or folder.
        """
        symbols = self._symbol_indexes.of(index)
        ranking = self._kept.of(index, lambda _: self._ranked(index, symbols))
        fitting = _fitting(symbols, ranking, query, path.strip("/"))
        matched = int((fitting > 0).sum())
        if path and not ranking.below(path.strip("/")).any():
            self._require_file(index, path)
        rank = ranking.focused(fitting) if matched else ranking.rank
        filled = MapMaker(symbols, rank, max_tokens)
        text = filled.text()
        return {
            **ranking.coverage, "truncated": ranking.truncated, "text": text,
            "tokens": token_count(text), "files": filled.files(), "left_out": filled.left_out,
            "matched": matched,
        }  # fmt: skip

    def _ranked(self, index: PublishedIndex, symbols: SymbolIndex) -> SymbolRanking:
        ranking = SymbolRanking(symbols, used_names(self._blobs, symbols))
        whole = Coverage(self._files, self._blobs).of_code(index, truncated=ranking.truncated)
        ranking.coverage = whole
        return ranking

    def _require_file(self, index: PublishedIndex, path: str) -> None:
        """A file without symbols, such as a picture, is there all the same."""
        if self._files.at(index.id, index.generation, path) is None:
            raise NotIndexed("no such file or folder in this index")


def _fitting(symbols: SymbolIndex, ranking: SymbolRanking, query: str, path: str) -> Floats:
    """How well each symbol fits what is asked for; 0 where nothing is asked for."""
    fitting: Floats = np.zeros(symbols.size, dtype=np.float32)
    if query:
        scores = symbols.postings.scores(words(query)) * (ranking.worth > 0)
        if len(scores) > _MOST_MATCHES:
            scores[scores < np.partition(scores, -_MOST_MATCHES)[-_MOST_MATCHES]] = 0
        fitting += shares(scores)
    if path:
        fitting += shares(ranking.below(path).astype(np.float32))
    return fitting
