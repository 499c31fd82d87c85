"""What a definition says about itself: the comments above it, or Python's docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from keepsake.scanner.parse.definitions import Source, in_order, last_line

if TYPE_CHECKING:
    from tree_sitter import Node

_DOC_CHARS = 500
_MAX_COMMENT_LINES = 40
_COMMENT_BYTES = 4_000
_PLAIN = re.compile(r"""\"{3}.*\"{3}|'{3}.*'{3}""", re.DOTALL)
"""A literal that stands for what is written in it, if it has no backslash."""


def docstring(body: Node | None) -> str:
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
    return node.named_child(0) if node is not None and node.named_child_count else None


def _evaluated(text: str) -> str:
    """What a string literal stands for; nothing where that is bytes.

    An escape may stand for half of a surrogate pair, which nothing can be encoded with.
    """
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return text.strip("\"'")
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


class Comments:
    """The comments of a file by the line on which they end."""

    def __init__(self, source: Source) -> None:
        attributes = source.captures.get("attribute", ())
        self._ends = _by_last_line(source.captures.get("comment", ()))
        self._attributes = _by_last_line([node for node in attributes if _alone(source.raw, node)])

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


def _alone(raw: bytes, node: Node) -> bool:
    """Whether what an attribute belongs to begins on a later line."""
    end = node.end_byte
    return not raw[end : raw.find(b"\n", end) + 1 or len(raw)].strip()


def _by_last_line(nodes: Sequence[Node]) -> dict[int, Node]:
    return {last_line(node) - 1: node for node in in_order(nodes)}


def _bare(comment: str) -> str:
    words = (line.strip().strip("/*#!-").strip() for line in comment.splitlines())
    return " ".join(" ".join(words).split())[:_DOC_CHARS]
