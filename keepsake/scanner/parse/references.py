"""References of a file: what it calls and from where, and what its import statements bring in.

Names are matched, not resolved: `a.save()` counts as a call of every `save`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keepsake.scanner.models import NOWHERE
from keepsake.scanner.parse.symbols import Source, in_order

if TYPE_CHECKING:
    from tree_sitter import Node

Import = tuple[str, list[str]]
"""The module as it is written, and the names taken from it; `*` for all."""

_QUOTED = re.compile(r"""["'`<]([^"'`<>\n]{1,300})["'`>]""")
_BRACES = re.compile(r"\{([^{}]*)\}")
_AS = re.compile(r" as [\w$]+")
_DOTTED = re.compile(r"[\w.$*\\]+")
_FROM = re.compile(r"from\b(.+?)\bimport\b(.*)", re.DOTALL)
_MAX_NAMES = 100
_SEPARATORS = re.compile(r"[./\\:]+")
_SUFFIX = re.compile(
    r"\.(h|hh|hpp|hxx|inc|js|jsx|mjs|cjs|ts|tsx|mts|cts|json|css|rb|php|sh|bash|vue|svelte)$"
)


def read_import(language: str, text: str) -> list[Import]:
    """The imports of one statement; none when it cannot be read."""
    return _READERS.get(language, _dotted)(text)


def _without_as(text: str) -> str:
    """On one line with single spaces: a pattern of any spaces would take quadratic time."""
    return _AS.sub("", " ".join(text.split()))


def tail(module: str) -> str:
    """The last part of a module's name, by which importers are looked up."""
    bare = _SUFFIX.sub("", module.rstrip("/."))
    return _SEPARATORS.split(bare)[-1] or module


def _names(inside: str) -> list[str]:
    listed = _without_as(inside).strip("() ")
    return [name.strip() for name in listed.split(",") if name.strip()][:_MAX_NAMES]


def _python(text: str) -> list[Import]:
    text = re.sub(r"#[^\n]*", "", text).replace("\\\n", " ")
    if match := _FROM.match(text):
        return [(match[1].strip(), _names(match[2]))]
    return [(name, []) for name in _names(text.removeprefix("import"))]


def _quoted(text: str) -> list[Import]:
    quoted = _QUOTED.findall(text)
    if not quoted:
        return []
    inside = _BRACES.search(text)
    return [(quoted[-1], _names(inside[1]) if inside else [])]


def _rust(text: str) -> list[Import]:
    path = re.sub(r"^(pub(\([^)]*\))?\s+)?(use|extern crate)\s+", "", text).rstrip("; \n")
    module, brace, inside = path.partition("::{")
    if brace:
        return [(module, [name.strip("{} ") for name in _names(inside)])]
    module, _, name = _without_as(path).rpartition("::")
    return [(module or name, [name] if module else [])]


def _dotted(text: str) -> list[Import]:
    """Java, Kotlin, Scala, C#, PHP, Swift: `import a.b.C`."""
    words = [word for word in _DOTTED.findall(_without_as(text)) if word not in _KEYWORDS]
    if not words:
        return []
    inside = _BRACES.search(text)
    if inside:
        return [(words[0].rstrip(".\\"), _names(inside[1]))]
    return [(words[-1] if "=" in text else words[0], [])]


_KEYWORDS = frozenset(
    [
        "import",
        "using",
        "static",
        "use",
        "global",
        "function",
        "const",
        "package",
        "struct",
        "class",
        "enum",
        "protocol",
        "let",
        "var",
        "func",
        "typealias",
        "include",
        "include_once",
        "require",
        "require_once",
    ]
)


def _php(text: str) -> list[Import]:
    return _quoted(text) if "clude" in text[:8] or text.startswith("require") else _dotted(text)


def _bash(text: str) -> list[Import]:
    words = text.split()
    return [(words[1].strip("\"'"), [])] if len(words) > 1 else []


_READERS: dict[str, Callable[[str], list[Import]]] = {
    "python": _python,
    "javascript": _quoted,
    "typescript": _quoted,
    "tsx": _quoted,
    "go": _quoted,
    "c": _quoted,
    "cpp": _quoted,
    "ruby": _quoted,
    "php": _php,
    "rust": _rust,
    "bash": _bash,
}


_MAX_CALLS = 20_000
_MAX_IMPORTS = 1_000
_IMPORT_BYTES = 4_000


def calls_of(source: Source, spans: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """Called names, each with its lines and the positions of the symbols around them."""
    raw, grouped = source.raw, dict[bytes, list[list[int]]]()
    nodes = source.captures.get("call", ())
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
    for node in in_order(source.captures.get("import", ()))[:_MAX_IMPORTS]:
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
