"""Reads a source that its grammar cannot read whole, in another form, and says which lines it lost.

The other forms are those of `rewriting`: the same bytes, some of them blanked. Each is read once,
and stays if it loses less. A source without errors costs one look at its tree.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import tree_sitter

from keepsake.scanner.models import LineRange
from keepsake.scanner.parse.definitions import Captures
from keepsake.scanner.parse.lost import lost_lines
from keepsake.scanner.parse.recovery.bare import bare
from keepsake.scanner.parse.recovery.completing import MISREAD, UNREAD, completed
from keepsake.scanner.parse.recovery.rewriting import REWRITINGS
from keepsake.scanner.parse.recovery.scanning import ScannedText
from keepsake.scanner.parse.trees import captures, parser

_DOUBTS = frozenset({MISREAD, UNREAD})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query found in a source, and the lines that were lost."""

    captures: Captures
    lost: list[LineRange]


def read(text: bytes, language: str) -> Reading:
    """Parse a text, and query it; recover what can be where the grammar fails."""
    tree = parser(language).parse(text)
    if tree.root_node.has_error:
        return _recovered(text, language, tree)
    found = captures(language, tree)
    return (
        Reading(found, []) if found.keys().isdisjoint(_DOUBTS) else _recovered(text, language, tree)
    )


def _recovered(text: bytes, language: str, tree: tree_sitter.Tree) -> Reading:
    read_as, lost, best = text, lost_lines(tree.root_node), tree
    for rewriting in REWRITINGS.get(language, ()):
        rewritten = rewriting.rewrite(read_as, lost)
        if rewritten == read_as:
            continue
        tree = parser(language).parse(rewritten)
        left = lost_lines(tree.root_node)
        if _count(left) < _count(lost) + rewriting.sure:
            read_as, lost, best = rewritten, left, tree
    found = captures(language, best)
    scan = ScannedText(text, bare(read_as, language))
    return Reading(completed(scan, language, best, found), lost)


def _count(lost: Iterable[LineRange]) -> int:
    return sum(last - first + 1 for first, last in lost)
