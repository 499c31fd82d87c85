"""Definitions that patterns find where a grammar fails, beside those that a query captured.

They stand in for nodes of a tree.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from keepsake.scanner.parse.recovery.extents import Extents
from keepsake.scanner.parse.recovery.heads import Heads

if TYPE_CHECKING:
    from tree_sitter import Node

_NO_NAMES = frozenset(
    b"alignas case catch class const constructor decltype default delete do elif else enum except "
    b"extends final for foreach fun function goto if import in let lock namespace new noexcept not "
    b"operator or override requires return sizeof static struct super switch template this throw "
    b"try typeof union using var virtual void when where while with yield".split()
)
_QUOTES = re.compile(rb"[\"`\[\]]|\s++(?=\.)|(?<=\.)\s++")
"""What SQL has around each part of a name."""
_WORDS_BYTES = 100
_SCOPE, _SCOPED = b"::", "qualified_identifier"


class Point(NamedTuple):
    """A place, from 0; as tree-sitter's."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class ScannedNode:
    """A part of a source that a pattern found. It has what is asked of a node of a tree."""

    type: str
    text: bytes
    """Of a name: others may be large, and within each other."""
    start_byte: int
    end_byte: int
    start_point: Point
    end_point: Point
    fields: dict[str, "ScannedNode"] = field(default_factory=dict)
    parent: None = None
    children: tuple[()] = ()
    named_children: tuple[()] = ()
    child_count: int = 0
    named_child_count: int = 0
    has_error: bool = False

    def child_by_field_name(self, name: str) -> "ScannedNode | None":
        """Its name, or its body."""
        return self.fields.get(name)

    def children_by_field_name(self, name: str) -> "list[ScannedNode]":
        """The same as a list."""
        return [self.fields[name]] if name in self.fields else []

    @property
    def id(self) -> int:
        """Its own, and no node's of a tree: both are addresses."""
        return id(self)

    def named(self, name: bytes, scope: bytes = b"") -> "ScannedNode":
        """The same with another name, in the same place."""
        given = replace(self.fields["name"], text=name, type="identifier")
        if scope:  # as a tree has it: the whole name, with its last part inside
            start = given.start_byte + len(scope) + len(_SCOPE)
            whole = scope + _SCOPE + name
            last = replace(given, start_byte=start)
            given = replace(given, text=whole, type=_SCOPED, fields={"name": last})
        return replace(self, fields={**self.fields, "name": given})


@dataclass(frozen=True, slots=True)
class ClippedNode:
    """A node of a tree that ends earlier than the tree says."""

    node: "Node"
    end_byte: int
    end_point: Point

    def __getattr__(self, name: str) -> Any:
        return getattr(self.node, name)


@dataclass(frozen=True)
class ScannedText:
    """A text, and what is left of it without comments and strings."""

    text: bytes
    bare: bytes

    def definitions(self, heads: Heads) -> Iterator[tuple[str, ScannedNode]]:
        """What begins with one of some heads, with its kind, from top to bottom."""
        matches = {
            match.start("name"): (head, match)
            for head in heads.heads
            for match in head.pattern.finditer(self.bare)
            if match["name"] not in _NO_NAMES
        }
        for name, following in pairwise([*sorted(matches), len(self.bare)]):
            head, match = matches[name]
            border = matches[following][1].start() if following in matches else following
            body, last = self.extents.of(name, match.end(), heads.ends, border)
            if body is not None or not head.body:
                node = self.node(match.start(), match.span("name"), body, last)
                yield head.kind, node.named(*_parts(match["name"], heads.separator))

    def node(self, start: int, name: tuple[int, int], body: int | None, end: int) -> ScannedNode:
        """A definition with a name, from the first word of its head to its end."""
        start += len(self.text[start : name[0]]) - len(self.text[start : name[0]].lstrip())
        fields = {"name": self._part("identifier", *name)}
        if body is not None:
            fields["body"] = self._part("body", body, end)
        return self._part("definition", start, end, fields)

    def clipped(self, node: "Node", end: int) -> ClippedNode:
        """A node as if it ended at a place."""
        return ClippedNode(node, end, self._point(end))

    def exported(self, node: ScannedNode) -> ScannedNode | None:
        """The statement around a definition that begins with `export` on the same line."""
        start = self.bare.rfind(b"\n", 0, node.start_byte) + 1
        if not self.bare[start : min(node.start_byte, start + _WORDS_BYTES)].startswith(b"export "):
            return None
        return self._part("export_statement", start, node.end_byte)

    def _part(
        self, kind: str, start: int, end: int, fields: dict[str, ScannedNode] | None = None
    ) -> ScannedNode:
        place, last = self._point(start), self._point(end)
        text = self.text[start:end] if kind == "identifier" else b""
        return ScannedNode(kind, text, start, end, place, last, fields or {})

    def _point(self, place: int) -> Point:
        row = bisect_right(self._line_starts, place) - 1
        return Point(row, place - self._line_starts[row])

    @cached_property
    def extents(self) -> Extents:
        """Where what begins somewhere ends."""
        return Extents(self.bare)

    @cached_property
    def _line_starts(self) -> Sequence[int]:
        starts = [0]
        while (place := self.text.find(b"\n", starts[-1])) >= 0:
            starts.append(place + 1)
        return starts


def _parts(written: bytes, separator: bytes) -> tuple[bytes, bytes]:
    """A name without quotes, and its scope."""
    plain = _QUOTES.sub(b"", written)
    if not separator:
        return plain, b""
    scope, _, name = plain.rpartition(separator)
    return name, scope.replace(separator, _SCOPE)
