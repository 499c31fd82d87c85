"""From expressions and a text to the lines that they match, with columns and lines around."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from keepsake.scanner.models import Value
from keepsake.scanner.search.expressions import MOST_RANGES, Expression, Range, SearchDeadline

_END = 10
"""What ends a line."""
_MOST_SHOWN = 400
"""Characters of a line; before the first match there are a quarter of them."""

Numbers = NDArray[np.int64]


class LineHit(Value):
    """A line of a file that matches."""

    path: str
    language: str
    line: int
    text: str
    """The line, or of a long one the part around the first match."""
    offset: int
    """How many characters of the line stand before `text`."""
    ranges: list[Range]
    """The first character of each match, counted from 0 in the line, and the one after its last."""
    before: list[str]
    """The lines above it, the nearest last."""
    after: list[str]


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """A line by its number from 1, and what matches in it in characters from 0."""

    line: int
    ranges: list[Range]


class LinedText:
    """A text as it is shown, in which lines and columns are counted."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw.replace(b"\r\n", b"\n")

    @cached_property
    def _starts(self) -> Numbers:
        """Where each line begins; most texts that are looked through match nowhere."""
        ends = np.flatnonzero(np.frombuffer(self.raw.removesuffix(b"\n"), dtype=np.uint8) == _END)
        return np.concatenate([[0], ends + 1])

    def matched(
        self, expressions: Sequence[Expression], deadline: SearchDeadline
    ) -> list[MatchedLine]:
        """The lines that one of the expressions matches, from top to bottom.

        Raises:
            OutOfTime: The deadline is over.
        """
        ranges: dict[int, list[Range]] = {}
        for expression in expressions:
            for first, last in expression.spans(self.raw, deadline):
                number = int(np.searchsorted(self._starts, first, side="right"))
                of_line = ranges.setdefault(number, [])
                if len(of_line) < MOST_RANGES:
                    of_line.append(self._columns(number, first, last))
        return [MatchedLine(number, _distinct(ranges[number])) for number in sorted(ranges)]

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._starts)

    def lines_at(self, places: Sequence[int]) -> Numbers:
        """The lines of some places."""
        return np.searchsorted(self._starts, np.array(places, dtype=np.int64), side="right")

    def line(self, number: int) -> str:
        """A line's text."""
        return self._bytes(number).decode("utf-8", "replace")

    def around(self, number: int, count: int) -> tuple[list[str], list[str]]:
        """So many lines before and after one, each cut."""
        before = range(max(1, number - count), number)
        after = range(number + 1, min(len(self._starts), number + count) + 1)
        return [self.line(at)[:_MOST_SHOWN] for at in before], [
            self.line(at)[:_MOST_SHOWN] for at in after
        ]

    def hit(self, matched: MatchedLine, path: str, language: str, context: int) -> LineHit:
        """A matched line as it is answered."""
        text, ranges = self.line(matched.line), matched.ranges
        offset = max(0, ranges[0][0] - _MOST_SHOWN // 4) if len(text) > _MOST_SHOWN else 0
        before, after = self.around(matched.line, context)
        return LineHit(path=path, language=language, line=matched.line,
                       text=text[offset : offset + _MOST_SHOWN], offset=offset, ranges=ranges,
                       before=before, after=after)  # fmt: skip

    def _bytes(self, number: int) -> bytes:
        start = int(self._starts[number - 1])
        end = self.raw.find(b"\n", start)
        return self.raw[start : end if end >= 0 else None].removesuffix(b"\r")

    def _columns(self, number: int, first: int, last: int) -> Range:
        """Where a match stands in its line, in characters."""
        start = int(self._starts[number - 1])
        raw = self._bytes(number)
        begin = len(raw[: first - start].decode("utf-8", "replace"))
        return begin, begin + len(raw[first - start : last - start].decode("utf-8", "replace"))


def _distinct(ranges: Sequence[Range]) -> list[Range]:
    """Each range once, in order; empty ones only where there are no others."""
    wide = sorted({(first, last) for first, last in ranges if first < last})
    return wide or [ranges[0]]
