"""Parsers and queries of grammars, each loaded with the first file of its language."""

import importlib
from functools import cache
from pathlib import Path

import tree_sitter

from keepsake.scanner.parse.definitions import Captures
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
    names = [*BY_NAME[language].query.split(), *map("uses/{}".format, BY_NAME[language].used_names)]
    sources = [(_QUERIES / f"{name}.scm").read_text() for name in names]
    return tree_sitter.Query(_grammar(language), "".join(sources))


def captures(language: str, tree: tree_sitter.Tree) -> Captures:
    """Everything that the language's query names in a tree."""
    cursor = tree_sitter.QueryCursor(query(language), match_limit=_MATCH_LIMIT)
    return cursor.captures(tree.root_node)


@cache
def _grammar(language: str) -> tree_sitter.Language:
    module, _, function = BY_NAME[language].grammar.partition(":")
    return tree_sitter.Language(getattr(importlib.import_module(module), function)())
