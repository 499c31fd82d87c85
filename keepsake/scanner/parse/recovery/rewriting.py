"""The forms in which a source is read when its grammar fails on it, by language."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from keepsake.scanner.models import LineRange
from keepsake.scanner.parse.recovery.bare import bare, blank
from keepsake.scanner.parse.recovery.conditionals import without_conditions
from keepsake.scanner.parse.recovery.macros import without_macros, without_qualifiers


@dataclass(frozen=True, slots=True)
class Rewriting:
    """One form: as many bytes, in as many lines."""

    rewrite: Callable[[bytes, Sequence[LineRange]], bytes]
    """From a text and the lines that are lost of it."""
    sure: bool = False
    """It is better also where it loses as many lines."""


_C = (
    Rewriting(without_macros, sure=True),
    Rewriting(without_qualifiers),
    Rewriting(without_conditions),
)

_SET = re.compile(
    rb"^[ \t]*+(?:get|set)(?=[ \t]*+(?:[-+*/%]?=(?!=)|\.|\([^()\n]*+\)[ \t]*+(?:\.|\r?$)))",
    re.MULTILINE,
)
"""A statement that begins with a word which is also one of accessors."""
_CONTEXT = re.compile(rb"^[ \t]*+(context[ \t]*+\([^()]*+(?:\([^()]*+\)[^()]*+)*+\))", re.MULTILINE)
_LAST = re.compile(rb"(?<![{;\s]) (?=\})|(?<=[^{;\s] ) (?=\})")
"""A space between a statement and a brace: Kotlin's grammar wants a semicolon there."""


def _plainer_kotlin(text: bytes, _: Sequence[LineRange]) -> bytes:
    changed = bytearray(text)
    naked = bare(text, "kotlin")
    for match in _SET.finditer(naked):
        changed[match.end() - 1] = ord("_")
    for match in _CONTEXT.finditer(naked):
        changed[match.start(1) : match.end(1)] = blank(match[1])
    for match in _LAST.finditer(naked):
        changed[match.start()] = ord(";")
    return bytes(changed)


REWRITINGS: dict[str, tuple[Rewriting, ...]] = {
    "c": _C,
    "cpp": _C,
    "csharp": (Rewriting(without_conditions),),
    "kotlin": (Rewriting(_plainer_kotlin),),
}
