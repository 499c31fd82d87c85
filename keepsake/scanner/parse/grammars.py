"""Files with a grammar: what its tree says that a text defines, uses and imports."""

from dataclasses import replace
from typing import Any

from keepsake.scanner.models import LineRange
from keepsake.scanner.parse.cython import as_python, is_cython
from keepsake.scanner.parse.definitions import Captures, Source
from keepsake.scanner.parse.imports import imports_of, looked_up_by
from keepsake.scanner.parse.languages import BY_NAME
from keepsake.scanner.parse.lost import merged
from keepsake.scanner.parse.packages import packages_of
from keepsake.scanner.parse.recovery.recovering import read
from keepsake.scanner.parse.renames import renames_of
from keepsake.scanner.parse.symbols import symbols_of
from keepsake.scanner.parse.text import has_longer_line
from keepsake.scanner.parse.uses import uses_of

Record = dict[str, Any]
_LAST_COLUMN = 2_000
"""Of a line, in bytes: what stands behind it was written by a program."""


def has_grammar(language: str) -> bool:
    """Whether a grammar reads the language."""
    return language in BY_NAME and bool(BY_NAME[language].grammar)


def read_by_grammar(text: bytes, language: str) -> Record:
    """The fields of a record that a grammar knows."""
    readable = as_python(text) if language == "python" and is_cython(text) else text
    reading = read(readable, language)
    found, cut = _near_captures(reading.captures, text)
    source = Source(BY_NAME[language], text, found)
    symbols = symbols_of(source)
    source = replace(source, raw=readable)
    imports, uses = imports_of(source), uses_of(source, symbols)
    return {
        "read_as": "grammar",
        "symbols": symbols.symbols,
        "calls": uses.calls,
        "uses": uses.uses,
        "renames": renames_of(source),
        "imports": imports,
        "tails": sorted(_tails(language, imports)),
        "packages": packages_of(source, symbols),
        "truncated": symbols.truncated or uses.truncated,
        "partial": merged([*reading.lost, *cut]),
    }


def _near_captures(captured: Captures, text: bytes) -> tuple[Captures, set[LineRange]]:
    """What begins near enough to the start of its line, and the lines where more does."""
    if not has_longer_line(text, _LAST_COLUMN):
        return captured, set()
    near: Captures = {}
    cut: set[LineRange] = set()
    for kind, nodes in captured.items():
        near[kind] = [node for node in nodes if node.start_point.column <= _LAST_COLUMN]
        cut |= {
            (node.start_point.row + 1,) * 2
            for node in nodes
            if node.start_point.column > _LAST_COLUMN
        }
    return near, cut


def _tails(language: str, imports: list[Record]) -> set[str]:
    words = (looked_up_by(language, item["module"], item["names"]) for item in imports)
    return set[str]().union(*words)
