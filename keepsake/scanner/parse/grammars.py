"""Files with a grammar: what its tree says that a text defines, uses and imports.

Grammars and queries are loaded with the first file of their language.
"""

import importlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import tree_sitter

from keepsake.scanner.models import LineRange
from keepsake.scanner.parse.cython import as_python, is_cython
from keepsake.scanner.parse.definitions import Captures, Source
from keepsake.scanner.parse.imports import imports_of, looked_up_by
from keepsake.scanner.parse.languages import BY_NAME
from keepsake.scanner.parse.packages import packages_of
from keepsake.scanner.parse.recovery import lost_lines, merged
from keepsake.scanner.parse.symbols import symbols_of
from keepsake.scanner.parse.uses import uses_of

Record = dict[str, Any]
_QUERIES = Path(__file__).parent / "queries"
_MATCH_LIMIT = 65_536
_LAST_COLUMN = 2_000
"""Of a line, in bytes: what stands behind it was written by a program."""


def has_grammar(language: str) -> bool:
    """Whether a grammar reads the language."""
    return language in BY_NAME and bool(BY_NAME[language].grammar)


def read_by_grammar(text: bytes, language: str) -> Record:
    """The fields of a record that a grammar knows."""
    readable = as_python(text) if language == "python" and is_cython(text) else text
    tree = parser(language).parse(readable)
    found, cut = _near_captures(captures(language, tree), text)
    source = Source(BY_NAME[language], text, found)
    symbols = symbols_of(source)
    source = replace(source, raw=readable)
    imports, uses = imports_of(source), uses_of(source, symbols)
    return {
        "read_as": "grammar",
        "symbols": symbols.symbols,
        "calls": uses.calls,
        "uses": uses.uses,
        "imports": imports,
        "tails": sorted(_tails(language, imports)),
        "packages": packages_of(source, symbols),
        "truncated": symbols.truncated or uses.truncated,
        "partial": merged([*lost_lines(tree.root_node), *cut]),
    }


def _near_captures(captured: Captures, text: bytes) -> tuple[Captures, set[LineRange]]:
    """What begins near enough to the start of its line, and the lines where more does."""
    if max(map(len, text.split(b"\n"))) <= _LAST_COLUMN:
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


@cache
def parser(language: str) -> tree_sitter.Parser:
    """The parser of a language."""
    return tree_sitter.Parser(_grammar(language))


@cache
def query(language: str) -> tree_sitter.Query:
    """What to look for in a language's trees."""
    names = [*BY_NAME[language].query.split(), *map("uses/{}".format, BY_NAME[language].used_names)]
    sources = [(_QUERIES / f"{name}.scm").read_text() for name in names]
    return tree_sitter.Query(_grammar(language), "".join(sources))


def captures(language: str, tree: tree_sitter.Tree) -> dict[str, list[tree_sitter.Node]]:
    """Everything that the language's query names in a tree."""
    cursor = tree_sitter.QueryCursor(query(language), match_limit=_MATCH_LIMIT)
    return cursor.captures(tree.root_node)


@cache
def _grammar(language: str) -> tree_sitter.Language:
    module, _, function = BY_NAME[language].grammar.partition(":")
    return tree_sitter.Language(getattr(importlib.import_module(module), function)())
