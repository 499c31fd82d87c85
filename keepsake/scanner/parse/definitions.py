"""What a query captured, as the definitions of a file from the outside in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from keepsake.scanner.parse.languages import Language

if TYPE_CHECKING:
    from tree_sitter import Node

Captures = dict[str, list["Node"]]

NOT_DEFINITIONS = frozenset({"call", "import", "comment", "attribute", "prefix"})
"""What a query captures beside definitions; other such names begin with `_`."""
_GENERAL = (
    "val",
    "var",
    "field",
    "property",
    "variable",
    "shell_variable",
    "constant",
    "type",
    "class",
    "scope",
    "local",
    "anonymous",
    "value_function",
    "value_class",
)
"""What other patterns may say more precisely of the same node, the most general first."""
_GAP = re.compile(rb"(?:\s+|(?:#(?![\[!])|//)[^\n]*)*")
"""What may stand between an attribute and what it belongs to."""


@dataclass(frozen=True)
class Source:
    """A file in UTF-8 with its language and what the query found in it."""

    language: Language
    raw: bytes
    captures: Captures

    @cached_property
    def exports(self) -> frozenset[str]:
        """Names that are exported elsewhere than at their definition."""
        nodes = self.captures.get("_exported", ())
        return frozenset((node.text or b"").decode("utf-8", "replace") for node in nodes)


class Definition(NamedTuple):
    """A captured node; `first` is where its attributes and decorators begin."""

    start: int
    end: int
    kind: str
    node: Node
    first: int


def definitions_of(source: Source) -> Iterator[Definition]:
    """From the outside in. A node that several patterns name is of the most special kind."""
    kinds = [kind for kind in source.captures if kind not in NOT_DEFINITIONS and kind[0] != "_"]
    by_id: dict[int, tuple[int, int, str, Node]] = {}
    for kind in sorted(kinds, key=_precision):
        for node in source.captures[kind]:
            by_id[node.id] = node.start_byte, -node.end_byte, kind, node
    before = _attributes(source)
    for start, end, kind, node in sorted(by_id.values(), key=itemgetter(0, 1)):
        yield Definition(start, -end, kind, node, before.get(start, start))


def _precision(kind: str) -> tuple[int, str]:
    return (_GENERAL.index(kind) if kind in _GENERAL else len(_GENERAL)), kind


def _attributes(source: Source) -> dict[int, int]:
    """From where something begins to where the attributes before it do."""
    first: dict[int, int] = {}
    captured = source.captures
    for node in in_order([*captured.get("attribute", ()), *captured.get("prefix", ())]):
        start = node.start_byte
        gap = _GAP.match(source.raw, node.end_byte)
        first[gap.end() if gap else node.end_byte] = first.get(start, start)
    return first


def in_order(nodes: Sequence[Node]) -> list[Node]:
    """Captures as they stand in the source: tree-sitter's binding gives them in any order."""
    return sorted(nodes, key=lambda node: node.start_byte)


def last_line(node: Node) -> int:
    """From 1. A node that ends with its line break ends on the line before."""
    row, column = node.end_point
    return row + 1 if column else max(row, node.start_point[0] + 1)
