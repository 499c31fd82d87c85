"""Symbols out of a syntax tree: what a file defines, with names, parents, signatures and docs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from keepsake.scanner.parse.definition_name import Name, definition_names
from keepsake.scanner.parse.definitions import Definition, Source, definitions_of, last_line
from keepsake.scanner.parse.documentation import Comments, docstring

if TYPE_CHECKING:
    from tree_sitter import Node

Symbol = dict[str, Any]

_DEFAULT = {
    "default_function": "function",
    "default_class": "class",
    "default_constant": "constant",
}
_VALUE = {"value_function": "function", "value_class": "class"}
"""Expressions: the value of what is around them, or a definition of their own."""
_STORED_AS = {
    "enum_class": "class",
    "component": "field",
    "given": "constant",
    "promoted": "property",
    "routine": "function",
    "shell_variable": "variable",
}
"""Kinds of captures whose symbols are of another kind."""
_TYPES = frozenset(
    {"class", "enum_class", "interface", "enum", "struct", "trait", "scope", "shown", "given"}
)
_ROUTINES = frozenset({"routine", "function", "method", "constructor", "local", "block"})
_TOP = frozenset({"file", "module", "export", "ambient"})
_BINDINGS = {"val": "constant", "var": "variable"}
"""In a type they are its properties."""
_VALUES = frozenset(
    {*_BINDINGS, "variable", "constant", "property", "field", "shell_variable", "declaration"}
)
"""In a routine they are local, and no symbols."""
_BODILESS = _VALUES | {"enumerator"}
_AS_THEIR_TYPE = frozenset({"enumerator", "component"})
_DECLARING = frozenset({"type", "field", "declaration"})
_TAGGED = frozenset({"struct", "enum"})
_UNNAMED = "default"
_NO_NAMES = ("", "_")
_BODIES = ("_body", "do_block")
_SIGNATURE_BYTES = 300
_WORDS_BYTES = 1_000
_MAX_SYMBOLS = 5_000
_QUALIFIED_CHARS = 400
"""What nests deeper is named as if it stood in the last scope that fits."""


@dataclass(slots=True)
class _Open:
    """A definition or scope whose end has not been passed, and what it means for what is inside."""

    end: int
    qualified: str
    kind: str
    exported: bool = True
    shown: bool = False
    """JavaScript's `export` stands before it."""
    hiding: bool = False
    """`private:` has been passed."""
    first: int = 0
    """The position of its first symbol."""


@dataclass(slots=True)
class Symbols:
    """The symbols of a file, and where each begins and ends, for placing what lies inside."""

    symbols: list[Symbol] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    truncated: bool = False


def name_default(symbols: list[Symbol], name: str) -> None:
    """Call what a file exports without a name as the file is called, and what is in it too."""
    for symbol in symbols:
        inside, separator, rest = symbol["qualified"].partition(".")
        if inside != _UNNAMED:
            continue
        symbol["qualified"] = f"{name}{separator}{rest}"
        symbol["parent"] = name + symbol["parent"][len(_UNNAMED) :] if rest else ""
        symbol["name"] = symbol["name"] if rest else name


def symbols_of(source: Source) -> Symbols:
    """All definitions of a file in the order in which they begin."""
    walk = _Walk(source)
    for definition in definitions_of(source):
        walk.enter(definition)
        if walk.out.truncated:
            break
    return walk.out


class _Walk:
    """Goes through definitions from the outside in, and knows what is around each."""

    def __init__(self, source: Source) -> None:
        self.out = Symbols()
        self._source, self._comments = source, Comments(source)
        self._around = [_Open(len(source.raw) + 1, "", "file")]
        self._known = dict[str, bool]()
        """Whether what has a qualified name is exported."""

    def enter(self, definition: Definition) -> None:
        """Note a definition, or what it says about others."""
        around = self._around
        while around[-1].end <= definition.start:
            around.pop()
        marks = _MARKS.get(definition.kind)
        if marks is not None:
            marks(self, definition)
        elif definition.kind not in _VALUES or around[-1].kind not in _ROUTINES:
            self._define(definition, definition_names(definition.node))

    def value(self, definition: Definition) -> None:
        """JavaScript's `const a = function b() {}`: `b` is not seen from outside."""
        around, names = self._around[-1], definition_names(definition.node)
        own = around.kind in _TOP or around.end != definition.end
        if own and not (names and around.qualified.endswith(names[0].text)):
            self._define(definition._replace(kind=_VALUE[definition.kind]), names)

    def default(self, definition: Definition) -> None:
        """What a file exports without a name."""
        name = Name(_UNNAMED, "", definition.node)
        self._define(definition._replace(kind=_DEFAULT[definition.kind]), [name])

    def ignore(self, _: Definition) -> None:
        """What `require` gives is imported, not defined."""

    def _define(self, definition: Definition, names: Sequence[Name]) -> None:
        opened: _Open | None = None
        for name in names:
            if name.text in _NO_NAMES or self._prototype(definition, name):
                continue
            opened = self._named(definition, name)
            if self.out.truncated:
                return
        if opened is not None:
            self._around.append(opened)
        elif definition.kind == "module":
            self._push(definition, kind="module", exported=False)
        elif definition.kind in _ROUTINES or definition.kind in _TYPES:
            self.scope(definition)

    def _prototype(self, definition: Definition, name: Name) -> bool:
        """C's declaration of a function that is defined elsewhere, and of no method."""
        prototype = name.routine and definition.kind == "declaration"
        return prototype and self._around[-1].kind not in _TYPES

    def _named(self, definition: Definition, name: Name) -> _Open:
        """A symbol, unless what has the name is only a scope; what it is for what is inside."""
        around, separator = self._container(definition.kind), self._source.language.separator
        parent = _joined(around.qualified, name.scope, separator)
        qualified = _joined(parent, name.text, separator)
        scope = qualified if len(qualified) <= _QUALIFIED_CHARS else around.qualified
        opened = _Open(definition.end, scope, definition.kind, first=len(self.out.symbols))
        opened.shown = around.shown and around.kind in ("ambient", "module")
        if definition.kind in ("scope", "shown"):
            opened.exported = self._known.get(qualified, True)
            return opened
        exported = self._exported(definition, name, around)
        if name.scope:  # as where it is declared, else as its type
            exported &= self._known.get(qualified, self._known.get(parent, True))
        self._known[qualified] = exported
        self._add(definition, name, (qualified, parent), around, exported=exported)
        opened.exported = exported or (definition.kind == "module" and around.exported)
        return opened

    def _container(self, kind: str) -> _Open:
        """What is around it, where that is what holds it.

        C's `typedef struct order {…} order_t` does not hold what it names first. A constructor's
        parameter may be a property of its class.
        """
        around = self._around
        if kind == "promoted":
            return next((each for each in reversed(around) if each.kind in _TYPES), around[-1])
        inside = kind in _TAGGED and around[-1].kind in _DECLARING
        return around[-2] if inside and len(around) > 1 else around[-1]

    def _add(
        self, definition: Definition, name: Name, names: tuple[str, str], around: _Open,
        *, exported: bool,
    ) -> None:  # fmt: skip
        if len(self.out.symbols) >= _MAX_SYMBOLS:
            self.out.truncated = True
            return
        raw, node = self._source.raw, definition.node
        body = _body(definition)
        row = node.start_point.row
        doc = docstring(body) if self._source.language.docstrings else self._comments.before(row)
        first = row + 1
        if definition.first != definition.start:
            first -= raw.count(b"\n", definition.first, definition.start)
        self.out.symbols.append(
            {
                "name": name.text,
                "kind": self._kind(definition.kind, name, around),
                "qualified": names[0],
                "signature": _signature(raw, definition, body),
                "doc": doc,
                "line": name.node.start_point.row + 1,
                "first_line": first,
                "end_line": last_line(node),
                "parent": names[1],
                "exported": exported,
            }
        )
        self.out.spans.append((definition.first, definition.end))

    def _kind(self, kind: str, name: Name, around: _Open) -> str:
        inside = around.kind in _TYPES
        if kind == "function" and (name.scope or inside):
            return "method"
        if name.routine and kind in _DECLARING:
            return "type" if kind == "type" else "method"
        kind = "variable" if kind == "declaration" else kind
        if kind == "variable" and inside:
            return "enumerator" if around.kind == "enum_class" else "field"
        if kind == "variable" and self._source.language.capitals and name.text.isupper():
            return "constant"
        if kind in _BINDINGS:
            return "property" if inside else _BINDINGS[kind]
        return _STORED_AS.get(kind, kind)

    def _exported(self, definition: Definition, name: Name, around: _Open) -> bool:
        """As what is around it, and as is written at it."""
        language, exports = self._source.language, self._source.exports
        if not around.exported or around.hiding or around.kind in _ROUTINES:
            return False
        if definition.kind in _AS_THEIR_TYPE:
            return True
        if around.kind in _TOP and not name.scope:
            if language.export_word:
                return around.shown or name.text in exports
            if exports:
                return name.text in exports
        start = name.node.start_byte
        before = self._source.raw[max(definition.first, start - _WORDS_BYTES) : start]
        return language.exported(name.text, before, around.kind)

    def scope(self, definition: Definition) -> None:
        """What is in a function or a type without a name is out of reach."""
        kind = definition.kind if definition.kind in _ROUTINES else "class"
        self._push(definition, kind=kind, exported=False)

    def block(self, definition: Definition) -> None:
        """What is in a block is local to it."""
        self._push(definition, kind="block")

    def export(self, definition: Definition) -> None:
        """`export` says what is shown, `declare` also of what is in modules."""
        self._push(definition, kind=definition.kind, shown=True, exported=True)

    def hide(self, definition: Definition) -> None:
        """Ruby's `private def`; `class << self` begins with nothing hidden."""
        self._push(definition, hiding=definition.kind == "hidden")

    def hide_rest(self, definition: Definition) -> None:
        """`private:`, or `public:`, which ends it."""
        self._around[-1].hiding = definition.kind == "hide_rest"

    def hide_name(self, definition: Definition) -> None:
        """Ruby's `private :name` after the definition."""
        for name in definition_names(definition.node):
            for symbol in self.out.symbols[self._around[-1].first :]:
                if symbol["name"] == name.text:
                    symbol["exported"] = False

    def _push(self, definition: Definition, **differs: Any) -> None:
        self._around.append(replace(self._around[-1], end=definition.end, **differs))


_MARKS = {
    **dict.fromkeys(_VALUE, _Walk.value),
    **dict.fromkeys(_DEFAULT, _Walk.default),
    "ignored": _Walk.ignore,
    "block": _Walk.block,
    "local": _Walk.scope,
    "anonymous": _Walk.scope,
    "export": _Walk.export,
    "ambient": _Walk.export,
    "hidden": _Walk.hide,
    "unhidden": _Walk.hide,
    "hide_rest": _Walk.hide_rest,
    "show_rest": _Walk.hide_rest,
    "hide_name": _Walk.hide_name,
}
"""Captures that are no definitions, and what they mean for those that are."""


def _joined(outer: str, inner: str, separator: str) -> str:
    return f"{outer}{separator}{inner}" if outer and inner else outer or inner


def _body(definition: Definition) -> Node | None:
    """Kotlin's grammar and Elixir's name no field for it."""
    if definition.kind in _BODILESS:
        return None
    node = definition.node
    body, count = node.child_by_field_name("body"), node.named_child_count
    if body is not None or not count:
        return body
    last = node.named_child(count - 1)
    return last if last.type.endswith(_BODIES) else None


def _signature(raw: bytes, definition: Definition, body: Node | None) -> str:
    start = definition.start
    end = body.start_byte if body is not None else definition.end
    text = raw[start : min(end, start + _SIGNATURE_BYTES)]
    if body is None or body.type == "body_statement":
        text = text.partition(b"\n")[0]
    return " ".join(text.decode("utf-8", "replace").split()).rstrip("{:= ")
