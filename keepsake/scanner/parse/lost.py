"""What a grammar could not read of a source: the lines that its tree has lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from keepsake.scanner.models import LineRange

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_RANGES = 500
"""Of a file; the last one then reaches to the end of what is lost."""


def lost_lines(root: Node) -> list[LineRange]:
    """The lines of a tree with tokens that belong to no construct, or lack one; in order."""
    if not root.has_error:
        return []
    return merged(_lost(root))


def merged(ranges: Iterable[LineRange]) -> list[LineRange]:
    """Ranges in order and as few as possible: those that touch are one."""
    few = _touching(sorted(ranges))
    if len(few) <= _MAX_RANGES:
        return few
    return [*few[: _MAX_RANGES - 1], (few[_MAX_RANGES - 1][0], few[-1][1])]


def _lost(root: Node) -> Iterator[LineRange]:
    """By node, without descending into what has no error; each node is looked at once."""
    pending = [root]
    while pending:
        node = pending.pop()
        children = node.children
        if node.is_missing or (node.is_error and not children):
            yield _rows(node)
        elif node.is_error:
            yield from (_rows(child) for child in children if _is_loose(child))
        pending.extend(child for child in children if child.has_error)


def _is_loose(node: Node) -> bool:
    """Whether a child of an error is a mere token: larger ones were read whole."""
    return not (node.child_count or node.has_error or node.is_extra)


def _rows(node: Node) -> LineRange:
    return node.start_point.row + 1, node.end_point.row + 1


def _touching(ranges: Iterable[LineRange]) -> list[LineRange]:
    joined: list[LineRange] = []
    for first, last in ranges:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined
