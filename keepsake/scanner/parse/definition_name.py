"""The names of a definition: where each grammar keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node


class Name(NamedTuple):
    """A name, the scope that it names itself to be in, such as C++'s `Foo::bar`, and its node."""

    text: str
    scope: str
    node: Node
    routine: bool = False
    """C's declarator is one of a function."""


_FIELDS = ("declarator", "left", "key", "property", "pattern", "alias")
"""Where a name stands, if not in the field `name`."""
_LEAVES = frozenset(
    [
        "identifier",
        "type_identifier",
        "field_identifier",
        "property_identifier",
        "private_property_identifier",
        "shorthand_property_identifier_pattern",
        "simple_identifier",
        "namespace_identifier",
        "variable_name",
        "constant",
        "name",
        "word",
        "string",
        "literal",
        "object_reference",
        "destructor_name",
        "operator_name",
        "operator_cast",
        "qualified_identifier",
        "simple_symbol",
        "operator_identifier",
        "operator",
        "custom_operator",
        "setter",
        "init",
        "string_scalar",
        "double_quote_scalar",
        "single_quote_scalar",
        "bare_key",
        "quoted_key",
    ]
)
_SEPARATORS = {
    "qualified_identifier": "::",
    "nested_namespace_specifier": "::",
    "scope_resolution": "::",
    "member_expression": ".",
    "nested_identifier": ".",
    "qualified_name": ".",
    "object_reference": ".",
    "namespace_name": "\\",
    "dot_index_expression": ".",
    "method_index_expression": ":",
    "dotted_key": ".",
}
"""Names with a scope before them."""
_NAMED = _LEAVES | _SEPARATORS.keys()
_BOUND = {
    "pair_pattern": "value",
    "object_assignment_pattern": "left",
    "assignment_pattern": "left",
    "qualified_type": "name",
    "generic_type": "type",
    "bracket_index_expression": "field",
}
"""What a pattern, or Go's embedded type, gives a name to; of other patterns all inside."""
_MANY = frozenset(["const_spec", "var_spec", "field_declaration", "property_declaration",
                   "enum_entry", "val_declaration", "var_declaration"])  # fmt: skip
"""Definitions that may have several children in their field `name`."""
_PARTS = frozenset(
    ["const_element", "property_element", "variable_declaration", "variable_declarator",
     "multi_variable_declaration", "assignment_statement"]
)  # fmt: skip
"""What a definition of several names is made of."""
_ITSELF = ("this", "exports", "module.exports")
"""What JavaScript writes before a name without naming a scope."""
_MARKED = ("variable_name", "simple_symbol")
_QUOTES = "\"'`"
_INLINE = re.compile(r"\binline(?:\s|$)")
_PARAMETERS = re.compile(r" ?\(\s*\)[^()]*$")
_DEEP = 12
_MAX_NAME_CHARS = 200


def definition_names(node: Node) -> Sequence[Name]:
    """What a definition gives names to; nothing when it has no name."""
    kind = node.type
    named = _SPECIAL.get(kind)
    if named is not None:
        return named(node)
    if kind in _LEAVES:
        return [_name(node)]
    if kind not in _MANY and (child := node.child_by_field_name("name")) is not None:
        return _names(child)
    for field in ("name", *_FIELDS):
        if children := node.children_by_field_name(field):
            return [name for child in children if child.type != "," for name in _names(child)]
    return _inside(node)


def _inside(node: Node) -> list[Name]:
    """Of a node whose grammar gives names no field: from parts with names, or the first name."""
    children = node.named_children
    if parts := [child for child in children if child.type in _PARTS]:
        return [name for part in parts for name in definition_names(part)]
    return next(
        (_names(child) for child in children if child.type in _NAMED or child.type in _BOUND), []
    )


def _names(node: Node) -> list[Name]:
    """What stands in the place of a name: mostly a name, else a pattern or a declarator."""
    text = (node.text or b"").decode("utf-8", "replace")
    if len(text) <= _MAX_NAME_CHARS and text.isidentifier():  # as most are
        return [Name(text, "", node)]
    if node.type in _NAMED or not node.is_named:  # Swift's `+` is a mere token
        return [_name(node)]
    if "declarator" in node.type:
        return _innermost(node)
    return [_name(leaf) for leaf in _bound(node, 0)]


def _name(node: Node) -> Name:
    separator = _SEPARATORS.get(node.type)
    if separator is None:
        return Name(_bare(node), "", node, node.type == "operator_cast")
    last = _last(node)
    before = (node.text or b"")[: last.start_byte - node.start_byte]
    scope = _flat(before).removesuffix(separator)
    scope = "" if scope in _ITSELF or scope.endswith("*") else scope.removesuffix(".prototype")
    scope = _INLINE.sub("", scope.replace("\\", "::")).removesuffix("::")
    return Name(_bare(last), _plain(scope), last)


def _last(node: Node) -> Node:
    """The last part of a name with a scope before it."""
    last = node
    while last.type in _SEPARATORS:
        inner = last.child_by_field_name("name") or last.child_by_field_name("property")
        inner = inner or next(iter(last.named_children[-1:]), None)
        if inner is None:
            break
        pointed = inner.type == "pointer_type_declarator"
        last = (inner.child_by_field_name("declarator") if pointed else None) or inner
    return last


def _bare(node: Node) -> str:
    """A name without what its language marks it with: PHP's `$`, Ruby's `:`, a shell's `=`."""
    text = _text(node)
    if node.type == "word":
        return text.partition("=")[0]
    if node.type == "operator_cast":
        return _PARAMETERS.sub("", text)
    if node.type == "operator_name":
        return text.replace('"" ', '""').replace(' ""', '""')
    return text.lstrip("$:" if node.type in _MARKED else "").strip(_QUOTES)


def _plain(scope: str) -> str:
    """Without quotes around parts, and without arguments of templates."""
    for mark in _QUOTES:
        scope = scope.replace(mark, "")
    while "<" in scope and ">" in scope:
        before, _, rest = scope.partition("<")
        scope = before + rest.rpartition(">")[2]
    return scope


def _bound(node: Node, depth: int) -> Iterator[Node]:
    """The names that a pattern binds."""
    if node.type in _LEAVES:
        yield node
    elif node.type in _SEPARATORS:  # JavaScript's `[Symbol.iterator]()`
        yield _last(node)
    elif depth < _DEEP:
        field = _BOUND.get(node.type)
        child = node.child_by_field_name(field) if field else None
        inside = node.named_children[:1] if field else node.named_children
        for each in [child] if child else inside:
            yield from _bound(each, depth + 1)


def _innermost(node: Node) -> list[Name]:
    """Through pointers, arrays, references and parameter lists to the declared name."""
    outer, current = node, _declarator(node)
    for _ in range(_DEEP):
        if current is None:
            return []
        if current.type in _NAMED:
            routine = outer.type == "function_declarator" or current.type == "operator_cast"
            return [name._replace(routine=routine) for name in _names(current)]
        outer, current = current, _declarator(current)
    return []


def _declarator(node: Node) -> Node | None:
    return node.child_by_field_name("declarator") or next(
        (c for c in node.named_children if c.type in _NAMED or "declarator" in c.type), None
    )


def _text(node: Node) -> str:
    return _flat(node.text or b"")


def _flat(raw: bytes) -> str:
    return " ".join(raw[: _MAX_NAME_CHARS * 8].decode("utf-8", "replace").split())[:_MAX_NAME_CHARS]


def _impl(node: Node) -> list[Name]:
    kind = node.child_by_field_name("type")
    return [Name(_text(kind).partition("<")[0], "", kind)] if kind else []


def _method(node: Node) -> list[Name]:
    """Go's methods name their receiver; Java's, C#'s and PHP's stand inside their class."""
    name, receiver = node.child_by_field_name("name"), node.child_by_field_name("receiver")
    kind = _text(receiver).strip("()").partition("[")[0].split()[-1:] if receiver else []
    return [Name(_text(name), "".join(kind).lstrip("*"), name)] if name else []


def _renamed(node: Node) -> list[Name]:
    """JavaScript's `export { A as B }`."""
    alias = node.child_by_field_name("alias")
    return [_name(alias)] if alias else []


def _word(node: Node) -> list[Name]:
    """What has its keyword as its name. A companion may have one of its own."""
    name = node.child_by_field_name("name")
    if name is not None and node.type == "companion_object":
        return [_name(name)]
    text, keyword = _KEYWORDS[node.type]
    return [Name(text, "", child) for child in node.children if child.type == keyword][:1]


def _reexported(node: Node) -> list[Name]:
    """Rust's `pub use a::b as c`."""
    if (alias := node.child_by_field_name("alias")) is not None:
        return [_name(alias)]
    if node.type in _USED:
        return [name for child in node.named_children for name in _reexported(child)]
    return []


def _operator(node: Node) -> list[Name]:
    """C#'s `operator +` and `operator int`."""
    what = node.child_by_field_name("operator") or node.child_by_field_name("type")
    return [Name(f"operator {_text(what)}", "", what)] if what else []


def _destructor(node: Node) -> list[Name]:
    return [name._replace(text=f"~{name.text}") for name in _names(node.named_children[0])]


def _assigned(node: Node) -> list[Name]:
    """Lua's `a.b, c = …`."""
    parts = node.named_children[0].named_children
    return [name for part in parts if part.type != "attribute" for name in _names(part)]


def _chained(node: Node) -> list[Name]:
    """Python's and Ruby's `A = B = 1`: the outermost has all names."""
    first, *others = _lefts(node)
    if next((left.type for left in _lefts(node.parent)), "") == first.type:
        return []
    named = [left for left in others if left.type in (first.type, *_PATTERNS)]
    return [name for left in (first, *named) for name in _names(left)]


def _lefts(node: Node | None) -> Iterator[Node]:
    while node is not None and node.type == "assignment":
        yield from node.children_by_field_name("left")
        node = node.child_by_field_name("right")


def _called(node: Node) -> list[Name]:
    """Elixir's `def name(a) when b`, and `defmodule A.B`: definitions are calls."""
    arguments = next((child for child in node.named_children if child.type == "arguments"), None)
    first = next(iter(arguments.named_children), None) if arguments else None
    if first is not None and first.type == "binary_operator":
        first = first.child_by_field_name("left")
    if first is not None and first.type == "call":
        first = first.child_by_field_name("target")
    if first is None:
        return []
    scope, _, last = _text(first).rpartition(".")
    return [Name(last, scope, first)]


def _labelled(node: Node) -> list[Name]:
    """Terraform's `resource "type" "name"`, under the name by which it is referred to."""
    word, *labels = [
        _text(c) for c in node.named_children if c.type in ("identifier", "string_lit")
    ]
    parts = [*_REFERRED.get(word, [word]), *(label.strip(_QUOTES) for label in labels)]
    return [Name(parts[-1], ".".join(parts[:-1]), node)]


def _set(node: Node) -> list[Name]:
    """Terraform's `name = …`; in `locals` it is referred to as `local.name`."""
    around = node.parent.parent if node.parent else None
    scope = "local" if around is not None and around.type == "block" else ""
    return [Name(_text(node.named_children[0]), scope, node.named_children[0])]


_REFERRED = {"resource": [], "variable": ["var"]}
_KEYWORDS = {
    "subscript_declaration": ("subscript", "subscript"),
    "deinit_declaration": ("deinit", "deinit"),
    "companion_object": ("Companion", "object"),
    "secondary_constructor": ("constructor", "constructor"),
    "indexer_declaration": ("this", "this"),
}
_PATTERNS = ("pattern_list", "tuple_pattern", "list_pattern", "left_assignment_list")
_USED = ("use_declaration", "scoped_use_list", "use_list")
_SPECIAL: dict[str, Callable[[Node], Sequence[Name]]] = {
    "impl_item": _impl,
    "method_declaration": _method,
    "export_specifier": _renamed,
    "operator_declaration": _operator,
    "conversion_operator_declaration": _operator,
    "destructor_declaration": _destructor,
    "use_declaration": _reexported,
    **dict.fromkeys(_KEYWORDS, _word),
    "create_type": _inside,
    "create_index": _inside,
    "assignment": _chained,
    "assignment_statement": _assigned,
    "call": _called,
    "block": _labelled,
    "attribute": _set,
}
