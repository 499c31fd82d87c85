"""Import statements as text: which module each names, and what it takes from it.

A module is as it is written, with a sign for what its text alone does not say: `./x` and `../x` are
beside the importing file, also where words say so (`require_relative`, `__DIR__ . '/x'`); `*/x` is
below a folder that a variable names; `<x.h>` is not looked for beside the importing file.
"""

import re
from collections.abc import Callable, Iterator

Import = tuple[str, list[str]]
"""The module, and the names taken from it; `*` for all."""

_MAX_NAMES = 100
_MAX_DEPTH = 20
_ELIXIR = re.compile(r"\w+[ (]+([A-Z][\w.]*)(?:\{([^}]*)\})?")
_QUOTED = re.compile(r"""["'`]([^"'`\n]{1,300})["'`]""")
_INCLUDED = re.compile(r"""["<]([^"<>\n]{1,300})[">]""")
_FROM_QUOTED = re.compile(r"""\bfrom ?["']([^"'\n]{1,300})["']""")
_BRACES = re.compile(r"\{([^{}]*)\}")
_AS = re.compile(r" (?:as|=>) [\w$]+")
_DOTTED = re.compile(r"[\w.$*\\]+")
_FROM = re.compile(r"from\b(.+?)\bimport\b(.*)", re.DOTALL)
_SWIFT = re.compile(r"\bimport (?:(?:typealias|struct|class|enum|protocol|let|var|func) )?([\w.]+)")
_RUST_TOKEN = re.compile(r"[{},*]|(?:r#)?\w+")
_RUST_HEAD = re.compile(r"^(pub ?(\([^()]*\))? ?)?(use|extern crate) ")
_PHP_HEAD = re.compile(r"^(include|require)(_once)?[ (]*")
_PHP_LEVELS = re.compile(r", ?(\d) ?\)")
_INTERPOLATED = re.compile(r"#\{[^{}]*\}/?")
_BASH = re.compile(r"(?:source|\.) (.*[)}]|\$\w+)?([^\s;&|]*)")
_BASH_HERE = re.compile(r"\bdirname\b|%/\*")


def read_import(language: str, text: str) -> list[Import]:
    """The imports of one statement; none when it cannot be read."""
    return _READERS.get(language, _dotted)(text)


def _on_one_line(text: str) -> str:
    """With single spaces: a pattern of any spaces would take quadratic time."""
    return " ".join(text.split())


def _names(inside: str) -> list[str]:
    listed = _AS.sub("", _on_one_line(inside)).strip("() ")
    names = (name.strip().removeprefix("type ") for name in listed.split(","))
    return [name for name in names if name][:_MAX_NAMES]


def _beside(path: str, levels: int = 1) -> str:
    """A path from the folder of the importing file; of one above it with more levels."""
    path = "../" * (levels - 1) + path.lstrip("/").removeprefix("./")
    return path if path.startswith("../") else f"./{path}"


def _python(text: str) -> list[Import]:
    text = re.sub(r"#[^\n]*", "", text).replace("\\\n", " ")
    if match := _FROM.match(text):
        return [("".join(match[1].split()), _names(match[2]))]
    return [(name, []) for name in _names(text.removeprefix("import"))]


def _script(text: str) -> list[Import]:
    """JavaScript and TypeScript: what follows may be quoted too (`with {type: 'json'}`)."""
    line = _on_one_line(text)
    quoted = _FROM_QUOTED.search(line) or _QUOTED.search(line)
    if quoted is None:
        return []
    inside = _BRACES.search(line, 0, quoted.start())
    return [(quoted[1], _names(inside[1]) if inside else [])]


def _go(text: str) -> list[Import]:
    quoted = _QUOTED.search(text)
    return [(quoted[1], [])] if quoted else []


def _c(text: str) -> list[Import]:
    included = _INCLUDED.search(text)
    if included is None:
        return []
    return [(included[1] if included[0][0] == '"' else included[0], [])]


def _rust(text: str) -> list[Import]:
    paths: dict[str, list[str]] = {}
    for path in _rust_paths(_RUST_HEAD.sub("", _on_one_line(text)).partition(";")[0]):
        module, name = "::".join(path[:-1]), path[-1]
        names = paths.setdefault(module or name, [])
        if module and len(names) < _MAX_NAMES:
            names.append(name)
    return list(paths.items())


def _rust_paths(text: str) -> Iterator[list[str]]:
    """Each path of a tree of them: `a::{b, c::{self, D}}` is `a::b`, `a::c` and `a::c::D`."""
    outer: list[list[str]] = [[]]
    parts, renamed = list[str](), False
    for word in _RUST_TOKEN.findall(f"{text},"):
        if word == "{":
            if len(outer) > _MAX_DEPTH:
                return
            outer.append(outer[-1] + parts)
            parts = []
        elif word in "},":
            if parts:
                yield outer[-1] + (parts if parts != ["self"] or len(outer) == 1 else [])
            if word == "}" and len(outer) > 1:
                outer.pop()
            parts, renamed = [], False
        elif word == "as" or renamed:
            renamed = True
        else:
            parts.append(word.removeprefix("r#"))


def _dotted(text: str) -> list[Import]:
    """Java, Kotlin, Scala: `import a.b.C`, of Scala also `import a.b.{C, D}, e.f`."""
    line = _AS.sub("", _on_one_line(text.replace("`", ""))).partition("import ")[2]
    return [item for part in _parts(line.removeprefix("static ")) for item in _grouped(part, ".")]


def _parts(line: str) -> list[str]:
    """What commas outside braces part."""
    parts, start, depth = list[str](), 0, 0
    for mark in re.finditer(r"[{},]", line):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if mark[0] == "," and not depth:
            parts.append(line[start : mark.start()])
            start = mark.end()
    return [*parts, line[start:]][:_MAX_NAMES]


def _grouped(part: str, separator: str) -> Iterator[Import]:
    inside = _BRACES.search(part)
    before = _DOTTED.search(part, 0, inside.start() if inside else len(part))
    if before is not None:
        yield before[0].strip(separator), _names(inside[1]) if inside else []


def _csharp(text: str) -> list[Import]:
    """Of an alias, what it stands for without its arguments."""
    line = _on_one_line(text).replace("global::", "").removeprefix("global ").rstrip("; ")
    named = _DOTTED.search(
        line.removeprefix("using ").removeprefix("static ").rpartition("=")[2].strip()
    )
    return [(named[0], [])] if named else []


def _php(text: str) -> list[Import]:
    line = _on_one_line(text)
    if _PHP_HEAD.match(line):
        return _php_include(line)
    line = re.sub(r"^use (function |const )?", "", _AS.sub("", line))
    return [item for part in _parts(line) for item in _grouped(part, "\\")]


def _php_include(line: str) -> list[Import]:
    quoted = _QUOTED.search(line)
    if quoted is None:
        return []
    before = _PHP_HEAD.sub("", line[: quoted.start()])
    levels = before.count("dirname") + before.count("__DIR__")
    if levels:
        levels += sum(int(levels) - 1 for levels in _PHP_LEVELS.findall(before))
        return [(_beside(quoted[1], levels), [])]
    return [(f"*/{quoted[1].lstrip('/')}" if before else quoted[1], [])]


def _swift(text: str) -> list[Import]:
    named = _SWIFT.search(_on_one_line(text))
    return [(named[1], [])] if named else []


def _ruby(text: str) -> list[Import]:
    quoted = _QUOTED.search(text)
    if quoted is None:
        return []
    path, before = _INTERPOLATED.sub("", quoted[1]), text[: quoted.end()]
    if re.search(r"require_relative\b|__dir__|dirname", before) or "__dir__" in text:
        return [(_beside(path), [])]
    if "__FILE__" in text:  # File.expand_path("../x", __FILE__): from the file, as if a folder
        return [(_beside(path.removeprefix("../")), [])]
    return [(path if path == quoted[1] else f"*/{path}", [])]


def _bash(text: str) -> list[Import]:
    match = _BASH.match(re.sub("[\"']", "", _on_one_line(text)))
    if match is None or not match[2]:
        return []
    if match[1] is None:
        return [(match[2], [])]
    levels = len(_BASH_HERE.findall(match[1]))
    return [(_beside(match[2], levels) if levels else f"*/{match[2].lstrip('/')}", [])]


def _quoted(text: str) -> list[Import]:
    named = _QUOTED.search(text)
    return [(named[1], [])] if named else []


def _elixir(text: str) -> list[Import]:
    """`alias A.{B, C}` names several; options follow a comma."""
    match = _ELIXIR.match(_on_one_line(text))
    if match is None:
        return []
    inside = (match[2] or "").split(",")
    return [(f"{match[1]}{part.strip()}", []) for part in inside]


_READERS: dict[str, Callable[[str], list[Import]]] = {
    "python": _python,
    "javascript": _script,
    "typescript": _script,
    "tsx": _script,
    "go": _go,
    "c": _c,
    "cpp": _c,
    "csharp": _csharp,
    "ruby": _ruby,
    "php": _php,
    "rust": _rust,
    "swift": _swift,
    "bash": _bash,
    "lua": _quoted,
    "zig": _quoted,
    "terraform": _quoted,
    "elixir": _elixir,
}
