"""The elements of large documents, one after the other: no more is kept than one of them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from keepsake.memory.errors import NoTurns

MOST_BYTES = 16 << 20
"""Of one element, such as a conversation; a larger one is passed over."""
_MOST_HEAD_BYTES = 1 << 18
_BETWEEN = re.compile(rb'(?:[^"{}\[\]]+|"[^"\\]*+(?:\\.[^"\\]*+)*+"){0,1000}', re.DOTALL)
"""What stands between two brackets: whole texts, and all else; a part of it where that is much.

Possessive within texts alone: Python 3.11.2 matches a possessive group of alternatives wrongly."""
_KEY = re.compile(rb'"(?:[^"\\]|\\.)*"\s*:\s*$', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a list.

    raw: its bytes; None when it cannot be read, and `why` says why not. head: the JSON object
    around its list up to that list, without other lists; empty when there is none.
    """

    raw: bytes | None
    head: bytes = b""
    why: str = ""


TOO_LARGE = f"it is larger than {MOST_BYTES} bytes"
BREAKS_OFF = "the document breaks off"


def json_elements(pieces: Iterable[bytes]) -> Iterator[Element]:
    """The objects and lists in the outermost list of a JSON document, or in those of its object.

    Raises:
        NoTurns: A text in it is larger than any conversation.
    """
    return _Splitter(pieces).elements()


class _Splitter:
    """Follows the brackets of a document; what is behind them is given up, piece by piece."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self._at = 0
        """What is before it was looked at."""
        self._begins = 0
        """Where what stands between the last bracket and there begins."""
        self._from: int | None = 0
        """Where what is to be kept begins: an element, or the document's head."""
        self._depth = 0
        self._level = 0
        """The depth of the list whose elements are wanted; 0 outside of one."""
        self._members: bytes | None = None
        """The outermost object up to its first list."""
        self._head = b""

    def elements(self) -> Iterator[Element]:
        while (found := self._bracket()) is not None:
            begins, ends = found
            opening = self._held[ends - 1 : ends]
            if opening in b"[{":
                self._open(opening, begins, ends)
                continue
            self._depth -= 1
            if self._level and self._depth == self._level:
                raw = None if self._from is None else self._held[self._from : ends]
                yield Element(raw, self._head, "" if raw else TOO_LARGE)
                self._from = None
            elif self._depth < self._level:
                self._level = 0
            if self._depth <= 0:
                return
        if self._level:
            yield Element(None, self._head, BREAKS_OFF)

    def _open(self, opening: bytes, begins: int, ends: int) -> None:
        self._depth += 1
        if self._level and self._depth == self._level + 1:
            self._from = ends - 1
        elif opening == b"[" and self._depth == 1:
            self._level, self._from = 1, None
        elif opening == b"[" and self._depth == 2 and not self._level:  # noqa: PLR2004
            self._level, self._head = 2, self._head_of(begins, ends)
            self._from = None

    def _head_of(self, begins: int, ends: int) -> bytes:
        """The outermost object up to a list; its other lists are no part of it."""
        key = _KEY.search(self._held, begins, ends - 1)
        if self._members is None:
            small = self._from == 0 and key is not None
            self._members = self._held[: key.start()].strip() if small and key else b"{"
        return self._members + (key[0] if key else b'"":')

    def _bracket(self) -> tuple[int, int] | None:
        """Where the next bracket outside of texts ends, and what is before it begins."""
        self._begins = self._at
        while True:
            before = self._at
            self._at = _BETWEEN.match(self._held, before).end()  # type: ignore[union-attr]
            following = self._held[self._at : self._at + 1]
            if following and following in b"{}[]":
                self._at += 1
                return self._begins, self._at
            if (not following or self._at == before) and not self._read():
                return None

    def _read(self) -> bool:
        """Hold another piece, and no longer what is done; False when there is none."""
        piece = next(self._pieces, None)
        if piece is None:
            return False
        if len(self._held) - self._at > MOST_BYTES:
            raise NoTurns("a text in it is larger than any conversation")
        most = MOST_BYTES if self._level else _MOST_HEAD_BYTES
        if self._from is not None and len(self._held) - self._from > most:
            self._from = None
        if self._level or self._at - self._begins > _MOST_HEAD_BYTES:
            self._begins = self._at
        kept = self._begins if self._from is None else self._from
        self._held = self._held[kept:] + piece
        self._at, self._begins = self._at - kept, self._begins - kept
        if self._from is not None:
            self._from = 0
        return True


def lines(pieces: Iterable[bytes]) -> Iterator[Element]:
    """The lines of a document that say anything."""
    rest, over = b"", False
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line.strip() or over:
                yield _line(line, over=over)
            over = False
        if len(rest) > MOST_BYTES:
            rest, over = b"", True
    if rest.strip() or over:
        yield _line(rest, over=over)


def _line(line: bytes, *, over: bool) -> Element:
    return Element(None, why=TOO_LARGE) if over else Element(line)


def divided(pieces: Iterable[bytes], mark: bytes, most_bytes: int) -> Iterator[bytes]:
    """A document in parts of about `most_bytes`, each of which begins with a mark.

    What is before the first mark is left out, and of a longer stretch without one the rest.
    """
    held, marked = b"", False
    for piece in pieces:
        held += piece
        if not marked:
            begins = held.find(mark)
            marked = begins >= 0
            held = held[begins:] if marked else held[-len(mark) :]
        while marked and len(held) > most_bytes and (ends := held.rfind(mark, 1)) > 0:
            yield held[:ends]
            held = held[ends:]
        held = held[:MOST_BYTES]
    if marked:
        yield held
