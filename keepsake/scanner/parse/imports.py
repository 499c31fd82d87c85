"""What a file imports: its statements one by one, and by which names they are looked up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from keepsake.scanner.parse.definitions import Source, in_order
from keepsake.scanner.parse.import_readers import read_import

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

_MAX_IMPORTS = 1_000
_IMPORT_BYTES = 16_000
_MODULE_CHARS = 1_000
"""No path and no package is so long."""
_WILDCARDS = frozenset({"*", "_", "given"})
_SHORT = 3
"""A longer path of Rust ends in no item of the file at which its crate begins."""
_PATH = re.compile(rb"""path *= *"([^"\n]{1,300})\"""")
_PATHS = frozenset(
    ["javascript", "typescript", "tsx", "vue", "svelte", "astro", "c", "cpp", "ruby", "bash", "go"]
)
"""The languages whose modules are paths."""


def imports_of(source: Source) -> list[dict[str, Any]]:
    """What the file imports, line by line."""
    out: list[dict[str, Any]] = []
    for node in in_order(source.captures.get("import", ()))[:_MAX_IMPORTS]:
        line = node.start_point[0] + 1
        if node.type == "mod_item":
            out.append({"module": _submodule(node), "names": [], "line": line})
            continue
        around = _modules_around(node) if source.language.name == "rust" else []
        for module, names in read_import(source.language.name, _statement(source, node)):
            if len(module) <= _MODULE_CHARS:
                out.append({"module": _from_file(module, around), "names": names, "line": line})
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


def _submodule(node: Node) -> str:
    """Rust's `mod x;`: the module below its file's, or the path that an attribute gives it."""
    before = node.prev_named_sibling
    while before is not None and before.type in ("attribute_item", "line_comment"):
        if before.type == "attribute_item" and (path := _PATH.search(before.text or b"")):
            return f"./{path[1].decode('utf-8', 'replace')}"
        before = before.prev_named_sibling
    return "::".join(["self", *_modules_around(node), _name(node)])


def _modules_around(node: Node) -> list[str]:
    """Rust's modules with a body that a node is in, from the outside in."""
    names, around = list[str](), node.parent
    while around is not None:
        if around.type == "mod_item":
            names.append(_name(around))
        around = around.parent
    return names[::-1]


def _from_file(module: str, around: Sequence[str]) -> str:
    """A path from the module of a file, of one that is written from a module inside it."""
    parts = module.split("::")
    if not around or parts[0] not in ("self", "super"):
        return module
    inside = list(around)
    while parts and parts[0] in ("self", "super") and (inside or parts[0] == "self"):
        if parts[0] == "super":
            inside.pop()
        parts = parts[1:]
    if parts and parts[0] == "super":
        return "::".join(parts)
    return "::".join(["self", *inside, *parts])


def _name(node: Node) -> str:
    name = node.child_by_field_name("name")
    text = (name.text or b"") if name is not None else b""
    return text.decode("utf-8", "replace").removeprefix("r#")


def looked_up_by(language: str, module: str, names: Sequence[str]) -> set[str]:
    """The words by which what imports a file is looked up, of one import.

    `keepsake.scanner.resolve` says by which words a file may be imported.
    """
    if language in _PATHS or "/" in module:
        own = {stem(module), *_package(module)}
    elif language == "python":
        own = {module.rpartition(".")[2] or module}
    elif language == "rust":
        parts = module.split("::")
        own = set(parts if len(parts) <= _SHORT else parts[1:]) - {"self"} or {"self"}
    else:
        own = _of_names(language, re.split(r"[.\\]", module))
        if not _WILDCARDS.isdisjoint(names):
            own |= {f"{last}.*" for last in own}
    return {word for word in (*own, *(re.split(r"[\\.]", name)[-1] for name in names)) if word}


def stem(path: str) -> str:
    """The last part of a path, up to its first dot; of dots, all of them."""
    last = path.strip("<>").rstrip("/").rpartition("/")[2]
    return last.partition(".")[0] or last


def _package(module: str) -> set[str]:
    """The package that a bare module is in, of a script `@scope/name` or `name`."""
    if module.startswith((".", "<", "*")):
        return set()
    parts = module.split("/")
    return {"/".join(parts[:2]) if module.startswith("@") else parts[0]}


def _of_names(language: str, parts: Sequence[str]) -> set[str]:
    """A namespace's last parts: a member of a type may be imported, or a type in a type."""
    wildcard = parts[-1] in _WILDCARDS
    bare = [part for part in (parts[:-1] if wildcard else parts) if part]
    if not bare:
        return set()
    if wildcard:
        return {f"{bare[-1]}.*", *bare[-2:]}
    return {*bare[-3:], *([f"{bare[-1]}.*"] if language == "csharp" else [])}
