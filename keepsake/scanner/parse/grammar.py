"""Grammars and queries, loaded when the first file of their language comes.

Only child processes import this module.
"""

import importlib
from functools import cache
from pathlib import Path

import tree_sitter

from keepsake.scanner.parse.languages import BY_NAME

_QUERIES = Path(__file__).parent / "queries"
_MATCH_LIMIT = 65_536


@cache
def parser(language: str) -> tree_sitter.Parser:
    """The parser of a language."""
    return tree_sitter.Parser(_grammar(language))


@cache
def query(language: str) -> tree_sitter.Query:
    """What to look for in a language's trees."""
    sources = [(_QUERIES / f"{name}.scm").read_text() for name in BY_NAME[language].query.split()]
    return tree_sitter.Query(_grammar(language), "".join(sources))


def captures(language: str, source: bytes) -> dict[str, list[tree_sitter.Node]]:
    """Everything that the language's query names in a source."""
    cursor = tree_sitter.QueryCursor(query(language), match_limit=_MATCH_LIMIT)
    return cursor.captures(parser(language).parse(source).root_node)


@cache
def _grammar(language: str) -> tree_sitter.Language:
    module, _, function = BY_NAME[language].grammar.partition(":")
    return tree_sitter.Language(getattr(importlib.import_module(module), function)())
