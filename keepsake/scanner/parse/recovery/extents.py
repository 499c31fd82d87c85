"""Where definitions end whose heads are known: by braces, by indentation, or by statements.

All is looked up in tables that one pass over the text makes.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

from keepsake.scanner.parse.recovery.bare import DELIMITER
from keepsake.scanner.parse.recovery.heads import Ends

_BRACKETS = re.compile(rb"[{}()]")
_STOPS = re.compile(rb"[{(;\n]")
_CLOSING_LINE = re.compile(rb"^([ \t]*+)\}", re.MULTILINE)
_LINE = re.compile(rb"^([ \t]*+)(?=[^\s)\]}])", re.MULTILINE)
_GOES_ON = re.compile(rb"\s*+(?:[{:=(]|where\b|throws\b|->)")
_TERMINATOR = re.compile(
    rb"^[ \t]*+(?:GO|/|//|DELIMITER\b[^\n]*+)[ \t\r]*+$", re.MULTILINE | re.IGNORECASE
)
_DOLLARS = re.compile(rb"\$\$[ \t\r]*+$", re.MULTILINE)
_BLOCK = re.compile(rb"\bBEGIN\b|\b[AI]S\s*+$", re.IGNORECASE | re.MULTILINE)
_STEPS = 200
"""How many brackets and line breaks are looked at between a name and its body."""
_HEAD_BYTES = 4_000

Extent = tuple[int | None, int]
"""Where the body begins, if there is one, and where the definition ends."""


@dataclass(frozen=True)
class Extents:
    """Of a text without comments and strings."""

    bare: bytes

    def of(self, name: int, end: int, ends: Ends, following: int) -> Extent:
        """The extent of a definition by its name's place, its head's end, and the next name."""
        if ends is Ends.BRACE:
            return self._braces(name, end)
        if ends is Ends.INDENTATION:
            return None, self._indented(name)
        return None, self._statement(end, following)

    def _braces(self, name: int, end: int) -> Extent:
        """To the brace that closes its first one; without one, to the end of its statement."""
        place = end - 1 if self.bare[end - 1 : end] in (b"(", b"{") else end
        for _ in range(_STEPS):
            stop = _STOPS.search(self.bare, place, name + _HEAD_BYTES)
            if stop is None:
                break
            place = stop.end()
            if stop[0] == b"{":
                return stop.start(), self.closed(name, stop.start())
            if stop[0] == b"(" and stop.start() in self._pairs:
                place = self._pairs[stop.start()]
            elif stop[0] == b";" or (stop[0] == b"\n" and not _GOES_ON.match(self.bare, place)):
                return None, stop.start()
        return None, self._line_end(end)

    def closed(self, name: int, brace: int) -> int:
        """After the closing brace; where braces do not add up, the first under the head's line."""
        return min(self._pairs.get(brace, len(self.bare)), self.dedented(name, brace))

    def dedented(self, name: int, brace: int) -> int:
        """After the first brace under the line of a head that is indented as the head is."""
        places = self._closing_lines.get(self._indentation(name), [])
        position = bisect_right(places, brace)
        return places[position] if position < len(places) else len(self.bare)

    def _indentation(self, place: int) -> bytes:
        line = self.bare[self.bare.rfind(b"\n", 0, place) + 1 : place]
        return line[: len(line) - len(line.lstrip(b" \t"))]

    def _line_end(self, place: int) -> int:
        end = self.bare.find(b"\n", place)
        return end if end >= 0 else len(self.bare)

    def _indented(self, name: int) -> int:
        """Before the next line that is not indented more, without the empty lines before it."""
        starts, following = self._lines
        position = bisect_right(starts, name) - 1
        if position < 0:
            return self._line_end(name)
        after = following[position]
        last = (after if after is not None else len(starts)) - 1
        return self._line_end(starts[last])

    def _statement(self, end: int, following: int) -> int:
        """To the semicolon; of what holds statements, to the end of its batch."""
        position = bisect_left(self._terminators, end)
        batch = self._terminators[position] if position < len(self._terminators) else len(self.bare)
        batch = min(batch, following)
        semicolon = self.bare.find(b";", end, batch)
        if semicolon >= 0 and not _BLOCK.search(self.bare, end, semicolon):
            return semicolon + 1
        return max(end, len(self.bare[:batch].rstrip()) if batch < len(self.bare) else batch)

    @cached_property
    def _pairs(self) -> dict[int, int]:
        """After each bracket's partner, by its own place."""
        pairs: dict[int, int] = {}
        waiting: dict[bytes, list[int]] = {b"{": [], b"(": []}
        for match in _BRACKETS.finditer(self.bare):
            if match[0] in waiting:
                waiting[match[0]].append(match.start())
            elif opened := waiting[b"{" if match[0] == b"}" else b"("]:
                pairs[opened.pop()] = match.end()
        return pairs

    @cached_property
    def _closing_lines(self) -> dict[bytes, list[int]]:
        """After the braces that begin a line, by its indentation."""
        places: dict[bytes, list[int]] = {}
        for match in _CLOSING_LINE.finditer(self.bare):
            places.setdefault(match[1], []).append(match.end())
        return places

    @cached_property
    def _terminators(self) -> list[int]:
        """The lines that part batches of SQL; dollars do where they are the delimiter."""
        patterns = [_TERMINATOR] + [_DOLLARS] * (DELIMITER.search(self.bare) is not None)
        return sorted(match.start() for each in patterns for match in each.finditer(self.bare))

    @cached_property
    def _lines(self) -> tuple[list[int], list[int | None]]:
        """Where lines begin, and which is the next that is indented no more."""
        matches = list(_LINE.finditer(self.bare))
        following: list[int | None] = [None] * len(matches)
        waiting: list[tuple[int, int]] = []
        for position, match in enumerate(matches):
            width = len(match[1].expandtabs())
            while waiting and waiting[-1][0] >= width:
                following[waiting.pop()[1]] = position
            waiting.append((width, position))
        return [match.start() for match in matches], following
