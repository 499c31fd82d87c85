"""Uses of names in a file: every place where its grammar shows a name that it does not define.

`queries/uses` says for each language what a name's place means; positions decide the rest.

- `_value`, `_member`, `_type`, `_call`: names by the type of their node. A member is reached
  through something else, so it is no local variable.
- `_inherit`, `_import`, `_re-export`, `call`: places that mean more than the node's type.
- `_in.KIND`: around names that are at least of this kind; `_in.name` around none.
- `_words.KIND`: text that holds names, such as a quoted annotation or a macro's body.
- `_interpolated`: text that begins with a name. `_formatted`: text with names in braces.
- `_name`: a definition's own name, a label, the keyword of an argument: no use.
- `_local` and `_type_parameter` are bound by the nearest `_scope`, unless it says `_outer`.

Names are matched, not resolved: `a.save()` counts as a use of every `save`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, count, repeat
from operator import add
from typing import TYPE_CHECKING, Any

from keepsake.scanner.models import NOWHERE
from keepsake.scanner.parse.definition_name import definition_names
from keepsake.scanner.parse.definitions import Source, in_order
from keepsake.scanner.parse.renames import original_names
from keepsake.scanner.parse.symbols import Symbols

if TYPE_CHECKING:
    from tree_sitter import Node

KINDS = ("call", "value", "type", "inherit", "import", "re-export")
"""What a use of a name is."""
_MAX_USES = 50_000
_VALUE, _MEMBER, _TYPE, _BARE_CALL, _CALL, _INHERIT, _IMPORT, _RE_EXPORT, _NAME = range(9)
"""The least special first: a place of several kinds is of the last."""
_VARIABLES = (_VALUE, _BARE_CALL)
_KIND = ("value", "value", "type", "call", "call", "inherit", "import", "re-export")
_BY_NODE = (("_call", _BARE_CALL), ("_type", _TYPE), ("_member", _MEMBER))
_BY_PLACE = (("_inherit", _INHERIT), ("_import", _IMPORT), ("_re-export", _RE_EXPORT))
_AROUND = (
    ("_in.type", _TYPE),
    ("_in.import", _IMPORT),
    ("_in.re-export", _RE_EXPORT),
    ("_in.name", _NAME),
)
_WORDS = (
    ("_words.value", _MEMBER),
    ("_words.type", _TYPE),
    ("_words.import", _IMPORT),
    ("_words.re-export", _RE_EXPORT),
)
_WORD = re.compile(rb"[A-Za-z_][\w$-]*")
_FIRST_WORD = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")
_IN_BRACES = re.compile(rb"(?<!\{)\{([A-Za-z_]\w*)[:}]")
_REACHED = re.compile(rb"(\.|::|->)\s*$")
"""Before a name that is reached through something else, which no import has changed."""
_REACHED_BYTES = 4
_WORD_BYTES = 20_000
_MARKS = b":\"'`"
"""Around a name that is a symbol or a quoted identifier; in PHP `$` stands before a property."""
_CALLS_VARIABLES = frozenset({"python", "javascript", "typescript", "tsx", "c", "cpp"})
"""Languages in which a function and a variable of one name hide each other."""
_WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "elixir": lambda name: name.rpartition(b".")[2],
    "sql": bytes.lower,
}
"""How a name is kept that may be written in several ways."""
_Grouped = dict[str, dict[bytes, list[tuple[Any, ...]]]]
"""Places by kind and name."""


@dataclass(slots=True)
class Uses:
    """The uses of a file; calls stand apart, for they are embedded and were stored first."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    uses: list[dict[str, Any]] = field(default_factory=list)
    truncated: bool = False


def uses_of(source: Source, symbols: Symbols) -> Uses:
    """Used names by kind, each with its lines and the positions of the symbols around them.

    A place is `[line, position]`. In an `impl` or an extension, what a type inherits is
    `[line, position, type]`.
    """
    places = _Places(source)
    inside, extended = _inside(places.starts, symbols.spans), _Extended(source, symbols)
    rows, uses = _rows(source.raw), places.uses()
    starts, kinds = places.starts, places.kinds
    grouped = _Grouped({kind: {} for kind in KINDS})
    of_kind = [grouped[kind] for kind in _KIND]
    for number, name in uses[:_MAX_USES]:
        start, kind = starts[number], kinds[number]
        place: tuple[Any, ...] = (bisect_right(rows, start), inside[number])
        if kind == _INHERIT and (heir := extended.at(start, inside[number])):
            place = (*place, heir)
        at = of_kind[kind].get(name)
        if at is None:
            of_kind[kind][name] = [place]
        elif at[-1] != place:
            at.append(place)
    return _listed(grouped, truncated=len(uses) > _MAX_USES)


def _rows(raw: bytes) -> list[int]:
    """Where each line begins."""
    return [0, *map(add, accumulate(map(len, raw.split(b"\n"))), count(1))]


def _listed(grouped: _Grouped, *, truncated: bool) -> Uses:
    calls = [
        {"name": name.decode("utf-8", "replace"), "at": at}
        for name, at in sorted(grouped["call"].items())
    ]
    others = sorted((name, kind) for kind in KINDS if kind != "call" for name in grouped[kind])
    uses = [
        {"name": name.decode("utf-8", "replace"), "at": grouped[kind][name], "kind": kind}
        for name, kind in others
    ]
    return Uses(calls, uses, truncated)


def _inside(starts: list[int], spans: list[tuple[int, int]]) -> list[int]:
    """The position of the innermost symbol around each place."""
    inside = [NOWHERE] * len(starts)
    for position, (start, end) in enumerate(spans):
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        inside[first:last] = [position] * (last - first)
    return inside


class _Extended:
    """The types that are extended somewhere: by `impl` in Rust, by `extension` in Swift."""

    def __init__(self, source: Source, symbols: Symbols) -> None:
        captured = source.captures
        nodes = in_order([*captured.get("scope", ()), *captured.get("shown", ())])
        self._spans = symbols.spans
        self._starts = [node.start_byte for node in nodes]
        self._types = [(node.end_byte, _extended(node)) for node in nodes]

    def at(self, start: int, inside: int) -> str:
        """The type that is extended around a place; empty where a symbol is nearer."""
        number = bisect_right(self._starts, start) - 1
        if number < 0 or self._types[number][0] <= start:
            return ""
        nearer = inside != NOWHERE and self._spans[inside][0] >= self._starts[number]
        return "" if nearer else self._types[number][1]


def _extended(node: Node) -> str:
    names = definition_names(node)
    return names[0].text if names else ""


class _Places:
    """The places of names in a source, in order; what they are is worked out step by step."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._own = {node.start_byte for node in self._captured("_name")}
        ends, kinds = self._by_node()
        self._by_place(ends, kinds)
        self.starts = sorted(ends)
        raw = source.raw
        self.names = [raw[start : ends[start]] for start in self.starts]
        self.kinds = list(map(kinds.get, self.starts, repeat(_VALUE)))
        self._by_container()
        self._drop_locals()

    def uses(self) -> list[tuple[int, bytes]]:
        """Number and name of each place that is a use."""
        marks = _MARKS + b"$" * (self._source.language.name == "php")
        bare = {name: name.strip(marks) for name in set(self.names)}
        bare |= {name: b"" for name, stripped in bare.items() if stripped.isdigit()}
        if written := _WRITTEN.get(self._source.language.name):
            bare = {name: written(stripped) for name, stripped in bare.items()}
        uses = [
            (number, bare[name])
            for number, (name, kind) in enumerate(zip(self.names, self.kinds, strict=True))
            if kind != _NAME and bare[name]
        ]
        return sorted([*uses, *self._renamed(uses)]) if self._captured("_renamed.to") else uses

    def _renamed(self, uses: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """The same places under the names that imports have changed."""
        raw, originals = self._source.raw, original_names(self._source)
        for number, name in uses:
            start, changed = self.starts[number], originals.get(name)
            if changed is None or self.kinds[number] == _IMPORT:
                continue
            if not _REACHED.search(raw, max(start - _REACHED_BYTES, 0), start):
                yield from ((number, original) for original in changed)

    def _by_node(self) -> tuple[dict[int, int], dict[int, int]]:
        """Where each name ends, and of what kind its node makes it, by where it begins."""
        ends = self._ends("_value")
        kinds = dict[int, int]()
        for capture, kind in _BY_NODE:
            named = self._ends(capture)
            ends.update(named)
            kinds.update(dict.fromkeys(named, kind))
        for start in self._own:
            ends.pop(start, None)
            kinds.pop(start, None)
        return ends, kinds

    def _by_place(self, ends: dict[int, int], kinds: dict[int, int]) -> None:
        called = self._ends("call")
        ends.update(called)
        hides = self._source.language.name in _CALLS_VARIABLES
        bare = {start for start in called if hides and kinds.get(start) != _MEMBER}
        kinds.update(dict.fromkeys(called, _CALL))
        kinds.update(dict.fromkeys(bare, _BARE_CALL))
        for capture, kind in _BY_PLACE:
            special = self._ends(capture)
            ends.update(special)
            kinds.update(dict.fromkeys(special, kind))
        for start, end, kind in self._words():
            kinds[start], ends[start] = kind, end

    def _words(self) -> Iterator[tuple[int, int, int]]:
        raw = self._source.raw
        for capture, kind in _WORDS:
            for node in self._captured(capture):
                end = min(node.end_byte, node.start_byte + _WORD_BYTES)
                words = list(_WORD.finditer(raw, node.start_byte, end))
                for word in words[-1:] if kind == _IMPORT else words:
                    calls = kind == _MEMBER and raw[word.end() : word.end() + 1] == b"("
                    yield word.start(), word.end(), _CALL if calls else kind

        for node in self._captured("_interpolated"):
            if first := _FIRST_WORD.match(raw, node.start_byte, node.end_byte):
                yield first.start(), first.end(), _VALUE
        for node in self._captured("_formatted"):
            for inside in _IN_BRACES.finditer(raw, node.start_byte, node.end_byte):
                yield *inside.span(1), _VALUE

    def _by_container(self) -> None:
        kinds = self.kinds
        for capture, kind in _AROUND:
            passed = 0
            for start, end in self._ranges(capture):
                for number in self._numbers(max(start, passed), end):
                    kinds[number] = max(kinds[number], kind)
                passed = max(passed, end)

    def _drop_locals(self) -> None:
        scopes = _Scopes(self._ranges("_scope"))
        outer = self._ranges("_outer")
        raw = self._source.raw
        for capture, hidden in (("_local", _VARIABLES), ("_type_parameter", (_TYPE,))):
            names = [span for span in self._ranges(capture) if span[0] not in self._own]
            bound, unbound = scopes.holding(raw, names)
            for scope, not_bound in scopes.holding(raw, outer)[0].items():
                bound.get(scope, set()).difference_update(not_bound)
            self._hide(bound, hidden)
            self._remove(unbound, hidden)
        self._remove(start for start, _ in outer + self._ranges("_type_parameter"))

    def _hide(self, bound: dict[tuple[int, int], set[bytes]], hidden: tuple[int, ...]) -> None:
        """Drop what the scopes around bind."""
        local, kinds = set[bytes]().union(*bound.values()), self.kinds
        places: dict[bytes, list[int]] = {name: [] for name in local}
        for number, name in enumerate(self.names) if local else ():
            if name in local and kinds[number] in hidden:
                places[name].append(number)
        for (start, end), names in bound.items():
            inside = self._numbers(start, end)
            for numbers in map(places.__getitem__, names):
                first, last = bisect_left(numbers, inside.start), bisect_left(numbers, inside.stop)
                for number in numbers[first:last]:
                    kinds[number] = _NAME
                del numbers[first:last]

    def _remove(self, starts: Iterable[int], kinds: Collection[int] = range(_NAME)) -> None:
        for start in starts:
            number = bisect_left(self.starts, start)
            if self.starts[number : number + 1] == [start] and self.kinds[number] in kinds:
                self.kinds[number] = _NAME

    def _ranges(self, capture: str) -> list[tuple[int, int]]:
        """In the order of the source, from the outside in."""
        ranges = {(node.start_byte, -node.end_byte) for node in self._captured(capture)}
        return [(start, -end) for start, end in sorted(ranges)]

    def _ends(self, capture: str) -> dict[int, int]:
        """Where captured names end, by where they begin."""
        return {node.start_byte: node.end_byte for node in self._captured(capture)}

    def _numbers(self, start: int, end: int) -> range:
        return range(bisect_left(self.starts, start), bisect_left(self.starts, end))

    def _captured(self, capture: str) -> list[Node]:
        return self._source.captures.get(capture, [])


@dataclass(frozen=True, slots=True)
class _Scopes:
    """The spans in which names may be bound, in order, from the outside in."""

    spans: list[tuple[int, int]]

    def holding(
        self, raw: bytes, ranges: list[tuple[int, int]]
    ) -> tuple[dict[tuple[int, int], set[bytes]], list[int]]:
        """The names in some ranges by the innermost scope; where those begin that have none."""
        bound, unbound = dict[tuple[int, int], set[bytes]](), list[int]()
        around, following = list[tuple[int, int]](), 0
        for start, end in ranges:
            while following < len(self.spans) and self.spans[following][0] <= start:
                around.append(self.spans[following])
                following += 1
            while around and around[-1][1] <= start:
                around.pop()
            if around:
                bound.setdefault(around[-1], set()).add(raw[start:end])
            else:
                unbound.append(start)
        return bound, unbound
