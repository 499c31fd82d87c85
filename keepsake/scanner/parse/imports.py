"""What an import statement brings in: a module and names, read from its text."""

import re
from collections.abc import Callable

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
    """The imports of one statement; none when it cannot be told."""
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
    if found := _FROM.match(text):
        return [(found[1].strip(), _names(found[2]))]
    return [(name, []) for name in _names(text.removeprefix("import"))]


def _quoted(text: str) -> list[Import]:
    found = _QUOTED.findall(text)
    if not found:
        return []
    inside = _BRACES.search(text)
    return [(found[-1], _names(inside[1]) if inside else [])]


def _rust(text: str) -> list[Import]:
    path = re.sub(r"^(pub(\([^)]*\))?\s+)?(use|extern crate)\s+", "", text).rstrip("; \n")
    module, brace, inside = path.partition("::{")
    if brace:
        return [(module, [name.strip("{} ") for name in _names(inside)])]
    module, _, name = _without_as(path).rpartition("::")
    return [(module or name, [name] if module else [])]


def _dotted(text: str) -> list[Import]:
    """Java, Kotlin, Scala, C#, PHP, Swift: `import a.b.C`."""
    words = [w for w in _DOTTED.findall(_without_as(text)) if w not in _KEYWORDS]
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
