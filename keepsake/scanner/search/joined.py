"""One search that joins names, text, paths and meaning.

Each way to search ranks symbols or files by itself, its best with 1. What several ways find adds
up. A name that is asked for by itself comes first, then definitions, then text in code.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from keepsake.inference import Embedder
from keepsake.scanner.search.answers import CodeHit, hit
from keepsake.scanner.search.meaning import by_meaning
from keepsake.scanner.search.name_search import NameSearch, similar_names
from keepsake.scanner.search.passages import PassageSearch, RankedPassage
from keepsake.scanner.search.path_groups import GROUP_WEIGHTS, group_of
from keepsake.scanner.search.path_search import file_names, paths_like
from keepsake.scanner.search.query_language import ParsedQuery
from keepsake.scanner.search.search_words import SearchWord, names_in, search_words
from keepsake.scanner.search.symbol_index import SymbolIndex, SymbolIndexes
from keepsake.scanner.search.text_index import TextFile, TextIndex
from keepsake.scanner.search.text_search import TextSearch
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.published import PublishedIndex

MOST_RANKED = 200
_TEXT, _MEANING, _PATH = 1.0, 0.8, 0.7
_EXACT, _NAMED, _SIMILAR = 4.0, 1.2, 0.6
"""A name alone, a name within a question, a name that has all words of a short question."""
_SHORT, _MOST_NAMES = 4, 5
_SAME_FILE = 0.75
"""What each further hit of a file is worth: a page is to show more than one."""
_FROM_EACH = 100
Place = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be answered."""

    file: Callable[[str, str], bool]
    """By path and language."""
    kind: Callable[[str], bool]

    def lets(self, candidate: CodeHit) -> bool:
        """Whether a hit may be answered."""
        return self.kind(candidate.kind) and self.file(candidate.path, candidate.language)


@dataclass(slots=True)
class _Ranking:
    """Sums up what the ways to search give."""

    scope: Scope
    hits: dict[Place, CodeHit] = field(default_factory=dict)
    scores: dict[Place, float] = field(default_factory=dict)

    def add(self, candidate: CodeHit, worth: float, *, best_line: int | None = None) -> None:
        if not self.scope.lets(candidate):
            return
        place = candidate.path, candidate.line, candidate.qualified
        if candidate.kind == "file":
            place = candidate.path, 0, ""
        known = self.hits.setdefault(place, candidate)
        if best_line is not None and known.best_line is None:
            self.hits[place] = known.model_copy(update={"best_line": best_line})
        weight = GROUP_WEIGHTS[group_of(candidate.path, candidate.language)]
        self.scores[place] = self.scores.get(place, 0.0) + worth * weight

    def best(self) -> list[CodeHit]:
        """The hits, best first; further ones of the same file count less."""
        order = sorted(self.scores, key=lambda place: (-self.scores[place], place))
        seen: dict[str, int] = {}
        shown = []
        for place in order[:MOST_RANKED]:
            path = place[0]
            score = self.scores[place] * _SAME_FILE ** seen.get(path, 0)
            seen[path] = seen.get(path, 0) + 1
            shown.append(self.hits[place].model_copy(update={"score": round(score, 4)}))
        return sorted(shown, key=lambda shown_hit: -shown_hit.score)


@dataclass(frozen=True, slots=True)
class RankedHits:
    """What a search in one index found."""

    hits: list[CodeHit]
    semantic: float
    """The share of symbols that have vectors."""
    sure: float
    """How well the best text fits, from 0 to 1: scores of several indexes compare by it."""


class JoinedSearch:
    """Threads share it."""

    def __init__(
        self,
        names: NameSearch,
        texts: TextSearch,
        symbol_indexes: SymbolIndexes,
        embedder: Embedder | None,
        blobs: Blobs,
    ) -> None:
        self._names, self._texts, self._symbol_indexes = names, texts, symbol_indexes
        self._passages, self._embedder = PassageSearch(blobs), embedder

    def ranked(self, index: PublishedIndex, query: ParsedQuery) -> RankedHits:
        """The best symbols and files for a query."""
        symbol_index = self._symbol_indexes.of(index, vectors=self._embedder is not None)
        text_index = self._texts.index(index)
        holding = self._texts.holding(text_index, query)

        def lets(path: str, language: str) -> bool:
            return query.lets_file(path, language) and holding(path)

        ranking, asked = _Ranking(Scope(lets, query.lets_kind)), query.asked
        self._add_names(ranking, index, symbol_index, asked)
        meant = by_meaning(symbol_index, asked, self._embedder, _FROM_EACH) if asked else []
        _add_normed(ranking, meant, _MEANING)
        for score, file in _paths(text_index, asked):
            ranking.add(_file_hit(file, 1, "path"), _PATH * score)
        passages = self._passages.best(
            text_index, symbol_index, _wanted(query), lambda file: lets(file.path, file.language)
        )
        for passage in passages[:_FROM_EACH]:
            worth = _TEXT * passage.score / passages[0].score
            ranking.add(_passage_hit(passage), worth, best_line=passage.line)
        sure = passages[0].score if passages else 0.0
        return RankedHits(ranking.best(), symbol_index.semantic, sure)

    def _add_names(
        self, ranking: _Ranking, index: PublishedIndex, symbol_index: SymbolIndex, asked: str
    ) -> None:
        words = asked.split()
        alone = asked.strip() if len(words) == 1 else ""
        names = dict.fromkeys(names_in(asked)[:_MOST_NAMES], _NAMED)
        if alone:
            names[alone] = _EXACT
        for name, worth in names.items():
            for found in self._names.exact(index, name, _FROM_EACH)[0]:
                ranking.add(found, worth * found.score)
        if len(words) <= _SHORT:
            for found in similar_names(symbol_index, asked, _FROM_EACH):
                ranking.add(found, _SIMILAR * found.score)


def _add_normed(ranking: _Ranking, hits: Sequence[CodeHit], worth: float) -> None:
    """Add hits with scores of which only the order and the distances mean something."""
    best = hits[0].score if hits else 0.0
    for candidate in hits:
        if best > 0 and candidate.score > 0:
            ranking.add(candidate, worth * candidate.score / best)


def _wanted(query: ParsedQuery) -> list[SearchWord]:
    """The words to look for in texts, and what has to be there."""
    words = [term.text for term in query.terms if term.kind == "word" and not term.negated]
    strict = [SearchWord.of(expression) for expression in query.strict]
    return [*search_words(" ".join(words)), *strict]


def _paths(text_index: TextIndex, asked: str) -> Iterable[tuple[float, TextFile]]:
    short = [asked] if len(asked.split()) <= _SHORT else []
    for written in dict.fromkeys([*file_names(asked), *short]):
        yield from paths_like(text_index, written)[:_FROM_EACH]


def _passage_hit(passage: RankedPassage) -> CodeHit:
    if passage.symbol is None:
        return _file_hit(passage.file, passage.line, "text")
    file = passage.file
    return hit(passage.symbol, file.path, file.language, score=passage.score, match="text")


def _file_hit(file: TextFile, line: int, match: str) -> CodeHit:
    name = file.path.rpartition("/")[2]
    return CodeHit(path=file.path, line=line, first_line=line, end_line=line, kind="file",
                   name=name, qualified=file.path, signature="", doc="", language=file.language,
                   exported=True, score=0.0, match=match)  # fmt: skip
