"""A regular expression as a tree, as far as it matters which letters a match has to hold.

The syntax is RE2's. Whoever calls this has compiled the expression already. What is not understood
is `ANYTHING`, so that nothing is asked of a text that it need not have.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_CHOICES = 8
"""Larger classes of characters say too little."""
_COUNTS = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP = re.compile(r"\?(P?<\w+>|([imsU]*)(-[imsU]+)?([:)]))")
_WIDE = re.compile(r"[dDsSwWC]|[pP](\{\^?\w+\}|\w)")
"""After a backslash: what stands for many characters."""
_HEX = re.compile(r"x(\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_CONTROLS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_NOWHERE_WIDE = "AbBz"
_LAST = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Choice:
    """One character of these."""

    characters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """All of these, one after the other; an empty one has no width."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of these."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """The same so many times, or more."""

    part: "Node"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Whatever."""


Node = Choice | Row | Either | Repetition | Wildcard
ANYTHING = Wildcard()
NOTHING = Row(())


class _NotUnderstood(Exception):
    """A construct that this reader does not know."""


def parsed(pattern: str, *, case: bool) -> Node:
    """The tree of a pattern that RE2 has compiled; without `case`, of lower-case letters."""
    reader = _PatternReader(pattern, folding=not case)
    try:
        node = reader.alternatives()
    except (_NotUnderstood, IndexError, ValueError, RecursionError):
        return ANYTHING
    return node if reader.position == len(pattern) else ANYTHING


class _PatternReader:
    """Reads from left to right; `folding` says whether case makes no difference at this place."""

    def __init__(self, pattern: str, *, folding: bool) -> None:
        self.pattern, self.position, self.folding = pattern, 0, folding

    def alternatives(self) -> Node:
        """What is between a `(` and its `)`, or the whole; flags set in it end with it."""
        folding = self.folding
        rows = [self._row()]
        while self._taken("|"):
            rows.append(self._row())
        self.folding = folding
        return rows[0] if len(rows) == 1 else Either(tuple(rows))

    def _row(self) -> Node:
        parts: list[Node] = []
        while self.position < len(self.pattern) and self._next not in "|)":
            parts += self._quoted() if self._taken(r"\Q") else [self._counted(self._atom())]
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _quoted(self) -> list[Node]:
        end = self.pattern.find(r"\E", self.position)
        text = self.pattern[self.position : end if end >= 0 else None]
        self.position = len(self.pattern) if end < 0 else end + 2
        if end >= 0:
            self._refuse_count()  # of the last character alone
        return [self._letter(char) for char in text]

    def _refuse_count(self) -> None:
        """Go on, if no count follows: it would be of what only RE2 says."""
        if self.pattern[self.position : self.position + 1] in ("*", "+", "?", "{"):
            raise _NotUnderstood

    def _counted(self, part: Node) -> Node:
        while self.position < len(self.pattern):
            counts = self._counts()
            if counts is None:
                break
            self._taken("?")
            part = Repetition(part, *counts)
        return part

    def _counts(self) -> tuple[int, int | None] | None:
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._taken(sign):
                return counts
        if match := _COUNTS.match(self.pattern, self.position):
            self.position = match.end()
            least = int(match[1])
            return least, (least if match[2] is None else int(match[3]) if match[3] else None)
        return None

    def _atom(self) -> Node:
        char = self._take()
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escaped()
        if char == ".":
            return ANYTHING
        return NOTHING if char in "^$" else self._letter(char)

    def _group(self) -> Node:
        before = self.folding
        if self._next == "?":
            match = _GROUP.match(self.pattern, self.position)
            if match is None:
                raise _NotUnderstood
            self.position = match.end()
            self.folding = (before or "i" in (match[2] or "")) and "i" not in (match[3] or "")
            if match[4] == ")":  # flags for the rest of the group around
                self._refuse_count()  # of what stands before them
                return NOTHING
        node = self.alternatives()
        if not self._taken(")"):
            raise _NotUnderstood
        self.folding = before
        return node

    def _escaped(self) -> Node:
        char = self._next
        if char in _NOWHERE_WIDE:
            self.position += 1
            return NOTHING
        if self._wide(self.position):
            return ANYTHING
        return self._letter(self._escaped_character())

    def _escaped_character(self) -> str:
        if match := _HEX.match(self.pattern, self.position):
            self.position = match.end()
            return chr(int(match[2] or match[3], 16))
        if match := _OCTAL.match(self.pattern, self.position):
            self.position = match.end()
            return chr(int(match[0], 8))
        char = self._take()
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char.isalnum():
            raise _NotUnderstood
        return char

    def _class(self) -> Node:
        if self._taken("^"):
            self._skip_class()
            return ANYTHING
        characters: set[str] = set()
        first = True
        while first or self._next != "]":
            first = False
            characters |= set(self._span())
        self.position += 1
        if not 0 < len(characters) <= _MOST_CHOICES:
            return ANYTHING
        return _choice(characters, folding=self.folding)

    def _span(self) -> Sequence[str]:
        """A character of a class, or a range; more than count for what counts no more."""
        if self._wide_in_class():
            return [chr(code) for code in range(_MOST_CHOICES + 1)]
        low = self._class_character()
        if self._next != "-" or self.pattern[self.position + 1] == "]":
            return [low]
        self.position += 1
        last = min(ord(self._class_character()), ord(low) + _MOST_CHOICES, _LAST)
        return [chr(code) for code in range(ord(low), last + 1)]

    def _wide_in_class(self) -> bool:
        """Whether the next in a class stands for many characters; it is passed over then."""
        if self.pattern.startswith("[:", self.position):
            self.position = self.pattern.index(":]", self.position) + 2
            return True
        return self._next == "\\" and self._wide(self.position + 1)

    def _wide(self, begin: int) -> bool:
        """Whether what follows a backslash stands for many; it is passed over then."""
        match = _WIDE.match(self.pattern, begin)
        self.position = match.end() if match else self.position
        return match is not None

    def _class_character(self) -> str:
        char = self._take()
        return self._escaped_character() if char == "\\" else char

    def _skip_class(self) -> None:
        first = True
        while first or self._next != "]":
            first = False
            self._span()
        self.position += 1

    def _letter(self, char: str) -> Node:
        return _choice({char}, folding=self.folding)

    @property
    def _next(self) -> str:
        return self.pattern[self.position]

    def _take(self) -> str:
        char = self._next
        self.position += 1
        return char

    def _taken(self, text: str) -> bool:
        taken = self.pattern.startswith(text, self.position)
        self.position += len(text) if taken else 0
        return taken


def _choice(characters: set[str], *, folding: bool) -> Node:
    """Letters of other scripts match some that only RE2 knows: they may be anything."""
    if folding and any(not char.isascii() and char.swapcase() != char for char in characters):
        return ANYTHING
    return Choice(frozenset(characters))
