"""Symbols out of a syntax tree: what a file defines, with names, parents, signatures and docs."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keepsake.scanner.parse.definition_name import definition_name
from keepsake.scanner.parse.languages import Language

if TYPE_CHECKING:
    from tree_sitter import Node

Symbol = dict[str, Any]
Captures = dict[str, list["Node"]]

_NOT_DEFINITIONS = frozenset({"call", "import", "comment", "attribute"})
_GENERAL = frozenset({"class"})
_TYPES = frozenset({"class", "interface", "enum", "struct", "trait", "scope"})
_SHOWN_WHOLE = frozenset({"interface", "trait"})
"""What is in them is as visible as they are, whatever stands before it."""
_SIGNATURE_BYTES = 300
_DOC_CHARS = 500
_MAX_SYMBOLS = 5_000
_QUALIFIED_CHARS = 400
"""What nests deeper is named as if it stood in the last scope that fits."""
_MAX_COMMENT_LINES = 40
_COMMENT_BYTES = 4_000
_LINE_START_BYTES = 1_000
_PLAIN = re.compile(r"""\"{3}.*\"{3}|'{3}.*'{3}""", re.DOTALL)
"""A literal that stands for what is written in it, if it has no backslash."""


@dataclass(frozen=True)
class Source:
    """A file in UTF-8 with its language and what the query found in it."""

    language: Language
    raw: bytes
    captures: Captures

    @cached_property
    def exports(self) -> frozenset[str]:
        """Names that are exported elsewhere than before their definition."""
        nodes = self.captures.get("_exported", ())
        return frozenset((node.text or b"").decode("utf-8", "replace") for node in nodes)


@dataclass(slots=True)
class _Open:
    """A definition whose end has not been passed."""

    end: int
    qualified: str
    kind: str
    exported: bool = True


@dataclass(slots=True)
class Symbols:
    """The symbols of a file, and where each begins and ends, for placing what lies inside."""

    symbols: list[Symbol] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    truncated: bool = False


def in_order(nodes: Sequence[Node]) -> list[Node]:
    """Captures as they stand in the source: tree-sitter's binding gives them in any order."""
    return sorted(nodes, key=lambda node: node.start_byte)


def symbols_of(source: Source) -> Symbols:
    """All definitions of a file in the order in which they begin."""
    out, around = Symbols(), list[_Open]()
    comments = _Comments(source)
    for start, end, kind, node in _definitions(source.captures):
        while around and around[-1].end <= start:
            around.pop()
        name, scope = definition_name(node)
        if not name:
            continue
        if len(out.symbols) >= _MAX_SYMBOLS:
            out.truncated = True
            break
        parent = _parent(around, scope, source.language.separator)
        qualified = f"{parent}{source.language.separator}{name}" if parent else name
        if kind != "scope":
            names = (name, qualified, parent, _method(kind, around, scope))
            symbol = _symbol(source, node, names, comments)
            if around and around[-1].kind in _SHOWN_WHOLE:
                symbol["exported"] = around[-1].exported
            out.symbols.append(symbol)
            out.spans.append((start, end))
        scope = _scope(around, qualified)
        around.append(_Open(end, scope, kind, exported=kind == "scope" or symbol["exported"]))
    return out


def _definitions(captures: Captures) -> list[tuple[int, int, str, Node]]:
    """From the outside in. A node that several patterns name is of the most special kind."""
    kinds = sorted(kind for kind in captures if kind not in _NOT_DEFINITIONS and kind[0] != "_")
    listed = {
        (node.start_byte, -node.end_byte): (node.start_byte, node.end_byte, kind, node)
        for kind in sorted(kinds, key=lambda kind: kind not in _GENERAL)
        for node in captures[kind]
    }
    return [listed[place] for place in sorted(listed)]


def _parent(around: list[_Open], scope: str, separator: str) -> str:
    outer = around[-1].qualified if around else ""
    return f"{outer}{separator}{scope}" if outer and scope else outer or scope


def _scope(around: list[_Open], qualified: str) -> str:
    if len(qualified) <= _QUALIFIED_CHARS:
        return qualified
    return around[-1].qualified if around else ""


def _method(kind: str, around: list[_Open], scope: str) -> str:
    if kind == "function" and (scope or (around and around[-1].kind in _TYPES)):
        return "method"
    return kind


def _symbol(
    source: Source, node: Node, names: tuple[str, str, str, str], comments: _Comments
) -> Symbol:
    name, qualified, parent, kind = names
    body = _body(node)
    signature = _signature(source.raw, node, body)
    row = node.start_point.row
    doc = _docstring(body) if source.language.docstrings else comments.before(row)
    return {
        "name": name,
        "kind": kind,
        "qualified": qualified,
        "signature": signature,
        "doc": doc,
        "line": row + 1,
        "end_line": _last_line(node),
        "parent": parent,
        "exported": _exported(source, node, (name, signature, parent)),
    }


def _body(node: Node) -> Node | None:
    """Kotlin's grammar names no field for it."""
    return node.child_by_field_name("body") or next(
        (child for child in node.named_children[-1:] if child.type.endswith("_body")), None
    )


def _exported(source: Source, node: Node, names: tuple[str, str, str]) -> bool:
    """JavaScript's `export` may name the definition; what is inside a class goes with it."""
    name, signature, parent = names
    if source.language.export_word and not parent:
        said = _line_start(source.raw, node.start_byte).split()
        return "export" in said or name in source.exports
    return source.language.exported(name, signature)


def _last_line(node: Node) -> int:
    """From 1. A node that ends with its line break ends on the line before."""
    row, column = node.end_point
    return max(row + (column > 0), node.start_point[0] + 1)


def _signature(raw: bytes, node: Node, body: Node | None) -> str:
    start = node.start_byte
    end = body.start_byte if body is not None else node.end_byte
    text = raw[start : min(end, start + _SIGNATURE_BYTES)]
    if body is None or body.type == "body_statement":
        text = text.partition(b"\n")[0]
    return " ".join(text.decode("utf-8", "replace").split()).rstrip("{:= ")


def _line_start(raw: bytes, start: int) -> str:
    """What stands before a definition on its line: JavaScript's `export` is no part of it."""
    nearest = max(0, start - _LINE_START_BYTES)  # many definitions may share one endless line
    return raw[raw.rfind(b"\n", nearest, start) + 1 or nearest : start].decode("utf-8", "replace")


def _docstring(body: Node | None) -> str:
    """Python's: the first statement of the body, if it is a string."""
    first = _first(body)
    string = _first(first) if first is not None and first.type == "expression_statement" else first
    if string is None or string.type != "string":
        return ""
    text = (string.text or b"").decode("utf-8", "replace")
    value = text[3:-3] if _PLAIN.match(text) and "\\" not in text else _evaluated(text)
    return " ".join(value.split())[:_DOC_CHARS]


def _first(node: Node | None) -> Node | None:
    """`named_child(0)` raises for a node of a broken source that has none."""
    return next(iter(node.named_children), None) if node is not None else None


def _evaluated(text: str) -> str:
    """What a string literal stands for; nothing where that is bytes."""
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return text.strip("\"'")
    return value if isinstance(value, str) else ""


class _Comments:
    """The comments of a file by the line on which they end."""

    def __init__(self, source: Source) -> None:
        self._ends = _by_last_line(source.captures.get("comment", ()))
        self._attributes = _by_last_line(source.captures.get("attribute", ()))

    def before(self, row: int) -> str:
        """The comments right above a line, with nothing between but attributes."""
        lines: list[str] = []
        row -= 1
        for _ in range(_MAX_COMMENT_LINES):
            if (attribute := self._attributes.get(row)) is not None:
                row = attribute.start_point.row - 1
            elif (comment := self._ends.get(row)) is not None:
                lines.append((comment.text or b"")[:_COMMENT_BYTES].decode("utf-8", "replace"))
                row = comment.start_point.row - 1
            else:
                break
        return _bare("\n".join(reversed(lines))) if lines else ""


def _by_last_line(nodes: Sequence[Node]) -> dict[int, Node]:
    return {_last_line(node) - 1: node for node in in_order(nodes)}


def _bare(comment: str) -> str:
    words = (line.strip().strip("/*#!-").strip() for line in comment.splitlines())
    return " ".join(" ".join(words).split())[:_DOC_CHARS]
