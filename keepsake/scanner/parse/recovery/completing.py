"""Adds the definitions that a grammar lost to what a query captured, and drops what it misread."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import cast

import tree_sitter

from keepsake.scanner.parse.definitions import NOT_DEFINITIONS, Captures
from keepsake.scanner.parse.languages import BY_NAME
from keepsake.scanner.parse.recovery.heads import HEADS, Ends, Heads
from keepsake.scanner.parse.recovery.macros import made_by_macros
from keepsake.scanner.parse.recovery.scanning import ScannedNode, ScannedText

MISREAD, UNREAD = "_misread", "_unread"
"""What a query calls that which a grammar reads for something else, or leaves as mere tokens."""
_NO_HEADS = Heads(())
_FUNCTIONS = frozenset({"function", "method", "constructor", "routine"})
_CLOSED = _FUNCTIONS | {
    "block", "class", "enum", "export", "interface", "local", "struct", "trait",
}  # fmt: skip
"""Kinds that end with a brace of their own; what is in a module may be indented as it is."""
_NAMES = ("name", "declarator", "type", "left", "key", "property")
_REFERENCES = frozenset({"identifier", "object_reference"})
_MACROS = frozenset({"c", "cpp"})
_NEAREST = 4
"""How many heads before a name are looked at: they may overlap."""

Span = tuple[int, int]
Found = tuple[str, ScannedNode]


def completed(
    scan: ScannedText, language: str, tree: tree_sitter.Tree, found: Captures
) -> Captures:
    """The captures with what patterns find, in the parts of a text that its grammar lost."""
    kept = _without_misread(found)
    zones = _zones(tree.root_node, found)
    heads = HEADS.get(language, _NO_HEADS)
    added = [
        (kind, node)
        for kind, node in scan.definitions(heads)
        if _inside(zones, node.fields["name"].start_byte)
    ]
    if language in _MACROS:
        added += [("function", node) for node in made_by_macros(scan)]
    added.sort(key=_place)
    if heads.trusted:
        kept = _without(kept, added, zones)
    else:
        kept = _clipped(scan, _but(kept, _swallowing(kept, added)), heads)
        added = _unknown(added, kept)
    if not heads.nested:
        added = list(_outside(added, _bodies(scan, kept)))
    shown = BY_NAME[language].export_word
    for kind, node in added:
        kept.setdefault(kind, []).append(cast("tree_sitter.Node", node))
        if shown and (exported := scan.exported(node)) is not None:
            kept.setdefault("export", []).append(cast("tree_sitter.Node", exported))
    return kept


def _place(item: Found) -> Span:
    return item[1].start_byte, -item[1].end_byte


def _definitions(found: Captures) -> Iterator[tuple[str, tree_sitter.Node]]:
    for kind, nodes in found.items():
        if kind not in NOT_DEFINITIONS and kind[0] != "_":
            for node in nodes:
                yield kind, node


def _without_misread(found: Captures) -> Captures:
    return _but(found, {node.id for node in found.get(MISREAD, ())})


def _but(found: Captures, dropped: set[int]) -> Captures:
    return {
        kind: [node for node in nodes if node.id not in dropped] for kind, nodes in found.items()
    }


def _zones(root: tree_sitter.Node, found: Captures) -> list[Span]:
    """The bytes where definitions may have been lost, in order."""
    if root.type == "ERROR":
        return [(root.start_byte, root.end_byte)]
    damaged = [child for child in root.children if child.has_error] if root.has_error else []
    nodes = [*damaged, *found.get(UNREAD, ())]
    return sorted((node.start_byte, node.end_byte) for node in nodes)


def _inside(spans: Sequence[Span], place: int) -> bool:
    position = bisect_right(spans, (place, 1 << 62)) - 1
    return position >= 0 and place < spans[position][1]


def _head(node: tree_sitter.Node) -> Span:
    """From a definition's first byte to the end of its name, whatever field has it."""
    names = (node.child_by_field_name(field) for field in _NAMES)
    name = next((name for name in names if name is not None), None)
    return node.start_byte, node.start_byte if name is None else name.end_byte


def _body(node: tree_sitter.Node) -> tree_sitter.Node | None:
    last = node.named_children[-1:]
    return node.child_by_field_name("body") or next(
        (child for child in last if child.type.endswith(("body", "block"))), None
    )


def _swallowing(kept: Captures, added: Sequence[Found]) -> set[int]:
    """Broken definitions with the head of another one between their own and their body."""
    names = sorted(node.fields["name"].start_byte for _, node in added)
    swallowing = set[int]()
    for _, node in _definitions(kept):
        body = _body(node) if node.has_error else None
        if body is not None:
            first = bisect_right(names, _head(node)[1] - 1)
            if first < len(names) and names[first] < body.start_byte:
                swallowing.add(node.id)
    return swallowing


def _clipped(scan: ScannedText, kept: Captures, heads: Heads) -> Captures:
    """Broken definitions end with the brace under their head, if that is nearer."""
    if heads.ends is not Ends.BRACE:
        return kept
    return {
        kind: [_clip(scan, node) for node in nodes] if kind in _CLOSED else nodes
        for kind, nodes in kept.items()
    }


def _clip(scan: ScannedText, node: tree_sitter.Node) -> tree_sitter.Node:
    if not node.has_error:
        return node
    end = scan.extents.dedented(node.start_byte, node.start_byte)
    return cast("tree_sitter.Node", scan.clipped(node, end)) if end < node.end_byte else node


def _unknown(added: Iterable[Found], kept: Captures) -> list[Found]:
    """Without those whose name stands in a head that the query captured."""
    heads = sorted(_head(node) for _, node in _definitions(kept))
    return [item for item in added if not _in_a_head(heads, item[1].fields["name"].start_byte)]


def _in_a_head(heads: Sequence[Span], place: int) -> bool:
    position = bisect_right(heads, (place, 1 << 62))
    return any(place < end for _, end in heads[max(position - _NEAREST, 0) : position])


def _without(kept: Captures, added: Sequence[Found], zones: Sequence[Span]) -> Captures:
    """The captures without those in a function's text, and without doubtful ones in damaged parts.

    Doubtful is what patterns find too, and what has a broken head.
    """
    inside = sorted((node.start_byte, node.end_byte) for kind, node in added if kind in _FUNCTIONS)
    names = sorted(node.fields["name"].start_byte for _, node in added)
    dropped = {
        node.id
        for kind, node in _definitions(kept)
        if _inside(inside, node.start_byte)
        or (
            _inside(zones, node.start_byte)
            and (_broken_head(node) or _one_stands_in(names, _reach(kind, node)))
        )
    }
    return _but(kept, dropped)


def _broken_head(node: tree_sitter.Node) -> bool:
    """Whether a grammar skipped something before what it took for a definition's name."""
    before = takewhile(lambda child: child.type not in _REFERENCES, node.children)
    return any(child.is_error for child in before)


def _reach(kind: str, node: tree_sitter.Node) -> Span:
    """Where a pattern finds the name of the same definition; patterns know no columns."""
    return _head(node) if kind == "field" else (node.start_byte, node.end_byte)


def _one_stands_in(places: Sequence[int], span: Span) -> bool:
    position = bisect_right(places, span[0] - 1)
    return position < len(places) and places[position] < span[1]


def _bodies(scan: ScannedText, kept: Captures) -> list[Span]:
    """The bodies of functions; of a broken one, to the brace under its head."""
    spans = []
    for kind, node in _definitions(kept):
        body = _body(node) if kind in _FUNCTIONS else None
        if body is not None:
            end = node.end_byte
            if node.has_error:
                end = min(end, scan.extents.closed(node.start_byte, body.start_byte))
            spans.append((body.start_byte, end))
    return sorted(spans)


def _outside(added: Iterable[Found], bodies: Sequence[Span]) -> Iterator[Found]:
    """Those that stand in no function, also in none of their own."""
    covered = following = 0
    for kind, node in added:
        while following < len(bodies) and bodies[following][0] <= node.start_byte:
            covered = max(covered, bodies[following][1])
            following += 1
        if node.start_byte >= covered:
            if kind in _FUNCTIONS:
                covered = node.end_byte
            yield kind, node
