"""References out of a syntax tree: what is called, from where, and what is imported.

Names are matched, not resolved: `a.save()` counts as a call of every `save`.
"""

from typing import Any

from tree_sitter import Node

from keepsake.scanner.models import NOWHERE
from keepsake.scanner.parse.imports import read_import
from keepsake.scanner.parse.symbols import Source, in_order

_MAX_CALLS = 20_000
_MAX_IMPORTS = 1_000
_IMPORT_BYTES = 4_000


def calls_of(source: Source, spans: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """Called names, each with its lines and the positions of the symbols around them."""
    raw, grouped = source.raw, dict[bytes, list[list[int]]]()
    nodes = source.found.get("call", ())
    places = sorted([(node.start_byte, node.end_byte, node.start_point[0]) for node in nodes])
    around, following = list[int](), 0
    for start, end, row in places[:_MAX_CALLS]:
        while following < len(spans) and spans[following][0] <= start:
            around.append(following)
            following += 1
        while around and spans[around[-1]][1] <= start:
            around.pop()
        inside = around[-1] if around else NOWHERE
        grouped.setdefault(raw[start:end], []).append([row + 1, inside])
    return [
        {"name": name.decode("utf-8", "replace"), "at": grouped[name]} for name in sorted(grouped)
    ]


def imports_of(source: Source) -> list[dict[str, Any]]:
    """What the file imports, line by line."""
    out: list[dict[str, Any]] = []
    for node in in_order(source.found.get("import", ()))[:_MAX_IMPORTS]:
        text = _statement(source, node)
        for module, names in read_import(source.language.name, text):
            out.append({"module": module, "names": names, "line": node.start_point[0] + 1})
    return out


def _statement(source: Source, node: Node) -> str:
    """The import's text; a query that captured only its first word means the statement around."""
    if node.type in ("word", "identifier") and node.parent is not None:
        node = (
            node.parent.parent
            if node.parent.type == "command_name" and node.parent.parent
            else node.parent
        )
    raw = source.raw[node.start_byte : min(node.end_byte, node.start_byte + _IMPORT_BYTES)]
    return raw.decode("utf-8", "replace").strip()
