"""Search in texts: which lines match, file by file in the order of answers, page by page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from pymongo.database import Database

from keepsake.scanner.search.expressions import Expression, OutOfTime, SearchDeadline
from keepsake.scanner.search.line_matching import LinedText, LineHit, MatchedLine
from keepsake.scanner.search.query_language import ParsedQuery
from keepsake.scanner.search.required_trigrams import Every
from keepsake.scanner.search.text_index import TextFile, TextIndex, TextIndexes
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_SECONDS = 2.0
"""For a page."""
_COUNTING_SECONDS = 0.008
"""After a full page: the lines that follow are counted only."""
_FIRST_FILES, _MOST_FILES = 16, 128
"""Read at once: few at first, as most pages are soon full."""
_ALL_LINES = 2**31 - 1
PathFilter = Callable[[str], bool]


class TextPlace(NamedTuple):
    """A line in the order of answers."""

    group: int
    path: str
    line: int


@dataclass(slots=True)
class TextMatches:
    """The matching lines of a page, and what is known of those that follow."""

    hits: list[LineHit] = field(default_factory=list)
    line_count: int = 0
    """How many lines match from the first of the page on, as far as they were counted."""
    file_count: int = 0
    counted: bool = True
    """They were counted to the last."""
    more: TextPlace | None = None
    """Where the next page begins after; None where there is none."""
    slow: list[str] = field(default_factory=list)
    """Files that were given up, as the expression took too long in them."""


class TextSearch:
    """What a process keeps for searching in texts; threads share it."""

    def __init__(self, database: Database[Document], symbol_index_mb: int) -> None:
        self._blobs = Blobs(database)
        self._indexes = TextIndexes(database, symbol_index_mb)

    def index(self, index: PublishedIndex) -> TextIndex:
        """The texts of an index."""
        return self._indexes.of(index)

    def matches(
        self,
        text_index: TextIndex,
        query: ParsedQuery,
        limit: int,
        context: int = 0,
        after: TextPlace | None = None,
    ) -> TextMatches:
        """The lines that match, of the files that hold all that the query wants."""
        page = _LinePage(query, limit, context, after)
        for file, raw in self._candidates(text_index, query, after):
            if not page.take(file, raw):
                break
        return page.matches

    def holding(self, text_index: TextIndex, query: ParsedQuery) -> PathFilter:
        """Which files may be answered where words are only asked for: by phrases and the like."""
        deadline = SearchDeadline.after(_SECONDS)
        wanted = self._holders(text_index, query.strict, deadline) if query.strict else None
        unwanted = {
            path
            for expression in query.unwanted
            for path in self._holders(text_index, [expression], deadline)
        }
        return lambda path: path not in unwanted and (wanted is None or path in wanted)

    def _holders(
        self, text_index: TextIndex, expressions: Sequence[Expression], deadline: SearchDeadline
    ) -> set[str]:
        """The files that hold all of some expressions, as far as the time goes."""
        condition = Every(tuple(expression.condition for expression in expressions))
        files = [text_index.files[number] for number in text_index.candidates(condition)]
        held: set[str] = set()
        for start in range(0, len(files), _MOST_FILES):
            some = files[start : start + _MOST_FILES]
            texts = self._blobs.texts([file.key for file in some])
            for file, raw in zip(some, texts, strict=True):
                try:
                    if all(expression.matches(raw, deadline) for expression in expressions):
                        held.add(file.path)
                except OutOfTime:
                    return held
        return held

    def _candidates(
        self, text_index: TextIndex, query: ParsedQuery, after: TextPlace | None
    ) -> Iterator[tuple[TextFile, bytes]]:
        """The texts that may match, from the one of a place on."""
        condition = Every(tuple(expression.condition for expression in query.wanted))
        numbers = text_index.candidates(condition)
        start = text_index.first_from(after.group, after.path) if after else 0
        files = (
            file
            for number in numbers[numbers >= start]
            if query.lets_file((file := text_index.files[number]).path, file.language)
        )
        size = _FIRST_FILES
        while some := list(islice(files, size)):
            texts = self._blobs.texts([file.key for file in some])
            yield from zip(some, texts, strict=True)
            size = min(2 * size, _MOST_FILES)


class _LinePage:
    """Fills a page."""

    def __init__(
        self, query: ParsedQuery, limit: int, context: int, after: TextPlace | None
    ) -> None:
        self.matches = TextMatches()
        self._query, self._limit, self._context = query, limit, context
        self._after, self._done = after, after
        self._deadline = SearchDeadline.after(_SECONDS)

    def take(self, file: TextFile, raw: bytes) -> bool:
        """Look through a file; False when there is no time for others."""
        text = LinedText(raw)
        try:
            lines = self._matched(file, text)
        except OutOfTime:
            self._give_up(file)
            return False
        self.matches.line_count += len(lines)
        self.matches.file_count += bool(lines)
        for line in lines:
            self._show(file, text, line)
        self._done = TextPlace(file.group, file.path, _ALL_LINES)
        return True

    def _matched(self, file: TextFile, text: LinedText) -> list[MatchedLine]:
        """The lines of the page in a file, if it holds all that is wanted and nothing else."""
        self._deadline.check()
        wanted, deadline = self._query.wanted, self._deadline
        if any(unwanted.matches(text.raw, deadline) for unwanted in self._query.unwanted):
            return []
        if len(wanted) > 1 and not all(
            expression.matches(text.raw, deadline) for expression in wanted
        ):
            return []
        lines = text.matched(wanted, deadline)
        if self._after and (self._after.group, self._after.path) == (file.group, file.path):
            return [line for line in lines if line.line > self._after.line]
        return lines

    def _show(self, file: TextFile, text: LinedText, line: MatchedLine) -> None:
        """Put a line on the page, or note that there is no room for it."""
        matches = self.matches
        if len(matches.hits) < self._limit:
            matches.hits.append(text.hit(line, file.path, file.language, self._context))
            self._done = TextPlace(file.group, file.path, line.line)
        elif matches.more is None:
            matches.more = self._done
            self._deadline = SearchDeadline.after(_COUNTING_SECONDS)

    def _give_up(self, file: TextFile) -> None:
        """The time is over; where a page's first file took all of it, it is passed over."""
        self.matches.counted = False
        if self.matches.more is None:
            if self._done == self._after:
                self.matches.slow.append(file.path)
                self._done = TextPlace(file.group, file.path, _ALL_LINES)
            self.matches.more = self._done
