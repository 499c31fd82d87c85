"""Regular expressions that match within a line: by RE2, within a time, after a set of trigrams."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import re2

from keepsake.scanner.search.regex_syntax import parsed
from keepsake.scanner.search.required_trigrams import Condition, condition_of

_CHUNK_BYTES = 64 << 10
"""Looked through at once: in between the time is looked at."""
MOST_RANGES = 20
"""Of a line."""
_MAX_MEMORY = 4 << 20
_MOST_INSTRUCTIONS = 3_000
_MOST_STEPS = 1_000_000_000
"""Bytes times instructions, looked through at once: a second if RE2 has no room for states."""
_BY_LINE = "(?m)"
"""`^` and `$` are a line's."""

Range = tuple[int, int]


class UnusableExpression(ValueError):
    """A regular expression that RE2 does not know, or that would take too long."""


class OutOfTime(Exception):
    """The time that a search may take is over."""


@dataclass(frozen=True, slots=True)
class SearchDeadline:
    """Until when to search, by the clock that never steps."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "SearchDeadline":
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return time.monotonic() > self.at

    def check(self) -> None:
        """Go on, if there is time.

        Raises:
            OutOfTime: It is over.
        """
        if self.passed:
            raise OutOfTime


class Expression:
    """What matches within a line, in time that grows with the text alone."""

    def __init__(self, pattern: str, *, case: bool) -> None:
        """Compile a pattern; `case`: whether it makes a difference.

        Raises:
            UnusableExpression: It is none, or too large.
        """
        options = re2.Options()
        options.max_mem, options.log_errors = _MAX_MEMORY, False
        options.never_nl, options.never_capture = True, True
        options.case_sensitive = case
        try:
            self._compiled = re2.compile(_BY_LINE + pattern, options)
        except (re2.error, UnicodeEncodeError) as error:
            raise UnusableExpression(_reason(error)) from None
        finally:
            re2.purge()  # its cache would keep the memory of 128 strangers' expressions
        if self._compiled.programsize > _MOST_INSTRUCTIONS:
            raise UnusableExpression("it is too large; repeat less")
        self._most_bytes = _MOST_STEPS // self._compiled.programsize
        self._tree = parsed(pattern, case=case)

    @cached_property
    def condition(self) -> Condition:
        """The trigrams that a text has to have."""
        return condition_of(self._tree)

    def matches(self, text: bytes, deadline: SearchDeadline) -> bool:
        """Whether there is a match anywhere."""
        return next(self.spans(text, deadline), None) is not None

    def spans(self, text: bytes, deadline: SearchDeadline) -> Iterator[Range]:
        """The places of matches, of a line the first few; an empty one is a line's last one.

        To look for each match may take as long as the line is, so it is not asked for all of them.

        Raises:
            OutOfTime: The deadline is over, or would be after one line.
        """
        start, size = 0, min(_CHUNK_BYTES, self._most_bytes)
        while start < len(text):
            end = text.find(b"\n", start, start + size)
            end = text.rfind(b"\n", start, start + size) if end >= 0 else _line_end(text, start)
            if end - start > self._most_bytes:
                raise OutOfTime
            yield from self._within(text, start, end, deadline)
            start = end + 1

    def _within(
        self, text: bytes, start: int, end: int, deadline: SearchDeadline
    ) -> Iterator[Range]:
        line_end, count = -1, 0
        while start <= end:
            deadline.check()
            match = self._compiled.search(text, start, end)
            if match is None:
                return
            first, last = match.span()
            if first == len(text) and text.endswith(b"\n"):
                return  # no line begins there
            yield first, last
            if first > line_end:
                line_end, count = _line_end(text, first), 0
            count += 1
            start = line_end + 1 if first == last or count == MOST_RANGES else last


def _line_end(text: bytes, place: int) -> int:
    end = text.find(b"\n", place)
    return len(text) if end < 0 else end


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return text.replace(_BY_LINE, "", 1)


def literal(text: str) -> str:
    """The pattern that matches a text as it is."""
    return str(re2.escape(text))
