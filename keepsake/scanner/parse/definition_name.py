"""The name of a definition: where each grammar keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node


_FIELDS = ("name", "declarator", "left", "key", "property")
_NAMES = frozenset(
    [
        "identifier",
        "type_identifier",
        "field_identifier",
        "property_identifier",
        "private_property_identifier",
        "simple_identifier",
        "namespace_identifier",
        "constant",
        "name",
        "word",
        "string",
        "object_reference",
        "destructor_name",
        "operator_name",
        "operator_cast",
        "qualified_identifier",
    ]
)
_DEEP = 12
_MAX_NAME_CHARS = 200


def definition_name(node: Node) -> tuple[str, str]:
    """A definition's name, and the scope that it names itself to be in, such as C++'s `Foo::bar`.

    The name is empty when the definition has none.
    """
    if node.type in _SPECIAL:
        return _SPECIAL[node.type](node)
    name_node = _named(node)
    if name_node is None:
        return "", ""
    if name_node.type == "qualified_identifier":
        scope, _, name = _text(name_node).rpartition("::")
        return name, scope
    if name_node.type == "member_expression":
        prefix, _, name = _text(name_node).rpartition(".")
        return name, prefix.removesuffix(".prototype")
    return _text(name_node).strip("\"'`"), ""


def _named(node: Node) -> Node | None:
    for field in _FIELDS:
        if (child := node.child_by_field_name(field)) is not None:
            return _innermost(child) if field == "declarator" else child
    for child in node.named_children:
        if child.type in _NAMES:
            return child
    return None


def _innermost(node: Node) -> Node | None:
    """Through pointers, arrays, references and parameter lists to the declared name."""
    current: Node | None = node
    for _ in range(_DEEP):
        if current is None or current.type in _NAMES:
            return current
        current = current.child_by_field_name("declarator") or next(
            (c for c in current.named_children if c.type in _NAMES or "declarator" in c.type), None
        )
    return None


def _text(node: Node) -> str:
    raw = (node.text or b"")[: _MAX_NAME_CHARS * 8]
    return " ".join(raw.decode("utf-8", "replace").split())[:_MAX_NAME_CHARS]


def _impl(node: Node) -> tuple[str, str]:
    kind = node.child_by_field_name("type")
    return (_text(kind).partition("<")[0], "") if kind else ("", "")


def _receiver(node: Node) -> tuple[str, str]:
    name, receiver = node.child_by_field_name("name"), node.child_by_field_name("receiver")
    kind = _text(receiver).strip("()").split(" ")[-1] if receiver else ""
    return (_text(name) if name else ""), kind.lstrip("*").partition("[")[0]


def _init(_: Node) -> tuple[str, str]:
    return "init", ""


def _method(node: Node) -> tuple[str, str]:
    """Go's methods name their receiver; Java's, C#'s and PHP's stand inside their class."""
    if node.child_by_field_name("receiver") is not None:
        return _receiver(node)
    name = node.child_by_field_name("name")
    return (_text(name) if name else ""), ""


_SPECIAL = {"impl_item": _impl, "method_declaration": _method, "init_declaration": _init}
