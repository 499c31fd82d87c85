"""What universal-ctags lists in real projects and a scan does not, by language and class."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Tag = Mapping[str, Any]
"""As ctags writes it: `name`, `kind`, `line`, `scope`. `inside`: a function of ours holds it."""

_LAST = re.compile(r"(?:.*(?:::|\\|(?<=\w)\.))?(.+)", re.DOTALL)


def comparable(name: str) -> str:
    """The last part of a name, without what ctags adds or takes away."""
    bare = "".join(name.split()).strip("\"'`")
    last = _LAST.fullmatch(bare)
    return (last[1] if last else bare).rstrip("!?") or bare


def _kind(*kinds: str) -> Callable[[Tag, str], bool]:
    return lambda tag, _: tag["kind"] in kinds


def _line(pattern: str, *kinds: str) -> Callable[[Tag, str], bool]:
    compiled = re.compile(pattern)
    return lambda tag, text: (not kinds or tag["kind"] in kinds) and bool(compiled.search(text))


_ANONYMOUS = re.compile(r"^(Anonymous|__anon|anonymous)")
_DECLARES = re.compile(r"\b(?:const|let|var|type|satisfies)\s+([\w$]+)")


def _declared(text: str) -> str:
    match = _DECLARES.search(text)
    return match[1] if match else ""


CLASSES: tuple[tuple[str, str, Callable[[Tag, str], bool]], ...] = (
    ("", "a name that ctags makes up for what has none", lambda tag, _: bool(
        _ANONYMOUS.match(tag["name"]))),
    ("kotlin", "a lambda", lambda tag, _: tag["name"] == "<lambda>"),
    ("python", "an import", _kind("unknown", "namespace")),
    ("csharp", "a parameter of a method that we list",
     lambda tag, _: tag["kind"] in ("field", "property") and tag.get("beside", False)),
    ("java", "the default of an annotation's element", _line(r"\bdefault\b", "field")),
    ("c cpp", "a macro's name, or what it hides", _line(r"^[A-Z_]+\(", "function")),
    ("cpp", "the outer part of a nested namespace", _line(r"namespace \w+::", "namespace")),
    ("php", "an import", _kind("alias")),
    ("javascript typescript", "an import",
     _line(r"\brequire\(|\bimport\b|^\s+type \w+,$", "constant", "variable", "alias")),
    ("go", "an import", _kind("packageName")),
    ("php java go kotlin csharp", "the package that a file is in",
     lambda tag, text: tag["kind"] in ("namespace", "package") and "{" not in text),
    ("javascript typescript php kotlin", "a local variable, or a key in a function",
     lambda tag, text: bool(tag.get("inside")) or (
         text[:1].isspace() and tag["kind"] in ("constant", "variable"))),
    ("javascript typescript", "a key of an object in an object",
     lambda tag, _: tag["kind"] in ("property", "class", "field") and "scope" in tag),
    ("typescript", "a word of a type or a value", lambda tag, text: (
        tag["kind"] in ("constant", "alias") and tag["name"] not in ("", _declared(text)))),
    ("typescript", "a construct signature", lambda tag, _: tag["name"] == "new"),
    ("ruby", "the writer of an accessor, which is listed once",
     lambda tag, _: tag["kind"] == "accessor" and tag["name"].endswith("=")),
    ("ruby", "a constant that is compared or a key", _line(r"=>|===", "constant")),
    ("ruby", "code in a string", _line(r"def \w*#\{", "method")),
    ("bash", "an array or a here document", lambda tag, text: (
        tag["kind"] == "heredoc" or tag["name"].endswith("=") or "=(" in text)),
    ("rust", "a static or a constant in a function",
     lambda tag, _: tag["kind"] == "variable" and tag.get("inside", False)),
    ("rust", "an `impl`, which names a scope and no symbol", _kind("implementation")),
)  # fmt: skip


def explained(language: str, tag: Tag, text: str) -> str:
    """The class of a difference; empty when it has none, and so is a miss."""
    for languages, why, fits in CLASSES:
        if (not languages or language in languages.split()) and fits(tag, text):
            return why
    return ""
