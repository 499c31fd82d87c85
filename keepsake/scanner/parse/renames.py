"""Names that a file imports or exports under other ones.

`queries/uses` says where they stand:

- `_renamed.from`, `_renamed.to`: a name that an import changes, and into what.
- `_shown.from`, `_shown.to`: a name, and under which other one the file exports it.
- `_shown.default`: what a file exports by default.
- `_imported.default`: what it calls that of another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepsake.scanner.parse.definitions import Source, in_order

if TYPE_CHECKING:
    from tree_sitter import Node

DEFAULT = "default"
_SHOWING = frozenset({"python", "rust"})
"""Languages in which what a file imports may be imported from it."""


def original_names(source: Source) -> dict[bytes, set[bytes]]:
    """What names are called where they are imported from; who uses the one uses the other."""
    originals: dict[bytes, set[bytes]] = {}
    for name, other in _pairs(source, "_renamed.from", "_renamed.to"):
        if _last(name) != _last(other):
            originals.setdefault(_last(other), set()).add(_last(name))
    return originals


def renames_of(source: Source) -> list[dict[str, Any]]:
    """Which names a file lets others know, or knows of others, under another name; by line."""
    kind = "_renamed" if source.language.name in _SHOWING else "_shown"
    pairs = _pairs(source, f"{kind}.from", f"{kind}.to")
    captured = source.captures
    return [
        *(_rename(name, _text(name), _text(other)) for name, other in pairs),
        *(_rename(name, _text(name), DEFAULT) for name in captured.get("_shown.default", ())),
        *(_rename(name, DEFAULT, _text(name)) for name in captured.get("_imported.default", ())),
    ]


def _pairs(source: Source, first: str, second: str) -> list[tuple[Node, Node]]:
    names, others = (in_order(source.captures.get(each, [])) for each in (first, second))
    return list(zip(names, others, strict=False))


def _rename(node: Node, name: str, other: str) -> dict[str, Any]:
    return {"name": name, "as": other, "line": node.start_point.row + 1}


def _last(node: Node) -> bytes:
    return (node.text or b"").rpartition(b".")[2]


def _text(node: Node) -> str:
    return _last(node).decode("utf-8", "replace")
