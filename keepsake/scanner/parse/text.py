"""Text of files and symbols: lines, words of identifiers, and what is embedded.

For a symbol its name, signature and the first called names are embedded. That did best when it was
measured: better than 700 characters of code, at three times the speed.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from keepsake.scanner.kinds import DATA

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FOREIGN = re.compile(r"\d+|[^\W\d_]+")
_WORDS = re.compile(r"[^\W_][\w]*|_+\w+")
_CALLS = 25
_DOC_CHARS = 160


def lines_of(text: str) -> list[str]:
    """The lines as grammars count them: a form feed or a Unicode separator ends none."""
    lines = text.removesuffix("\n").split("\n") if text else []
    return [line.removesuffix("\r") for line in lines]


def has_longer_line(text: bytes, length: int) -> bool:
    """Whether a line has more bytes than that; looked at from the end of what may be whole."""
    start = 0
    while len(text) - start > length:
        end = text.rfind(b"\n", start, start + length + 1)
        if end < 0:
            return True
        start = end + 1
    return False


@lru_cache(1 << 16)
def parts(identifier: str) -> tuple[str, ...]:
    """The lower-case words inside an identifier: `getHTTPCode_v2` → get, http, code, v, 2."""
    pattern = _PARTS if identifier.isascii() else _FOREIGN
    return tuple(part.lower() for part in pattern.findall(identifier))


def words(text: str) -> list[str]:
    """The words of a text, identifiers both whole and split."""
    listed: list[str] = []
    for word in _WORDS.findall(text):
        inside = parts(word)
        listed += inside
        if len(inside) > 1:
            listed.append(word.lower())
    return listed


def is_embedded(symbol: Mapping[str, Any]) -> bool:
    """Whether a symbol has a vector of its own: code, and data that says what it is."""
    return symbol["kind"] not in DATA or bool(symbol["doc"])


def symbol_texts(blob: Mapping[str, Any]) -> list[str]:
    """A text per symbol of a blob that is embedded."""
    called = calls_by_symbol(blob)
    return [
        " ".join([" ".join(parts(symbol["qualified"])), symbol["signature"],
                  symbol["doc"][:_DOC_CHARS], *called.get(position, ())[:_CALLS]])
        for position, symbol in enumerate(blob.get("symbols", ()))
        if is_embedded(symbol)
    ]  # fmt: skip


def calls_by_symbol(blob: Mapping[str, Any]) -> dict[int, list[str]]:
    """The names that each symbol calls, by the first line of the call."""
    called: dict[int, list[tuple[int, str]]] = {}
    for call in blob.get("calls", ()):
        first: dict[int, int] = {}
        for line, inside in call["at"]:
            first.setdefault(inside, line)
        for inside, line in first.items():
            called.setdefault(inside, []).append((line, call["name"]))
    return {inside: [name for _, name in sorted(calls)] for inside, calls in called.items()}
