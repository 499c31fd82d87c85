"""How definitions begin, by language: patterns over a text without comments and strings.

They find what a grammar has lost, so they know plain heads alone. Each takes linear time.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto


class Ends(Enum):
    """What a definition goes on to."""

    BRACE = auto()
    """The brace that closes its first one."""
    INDENTATION = auto()
    """The last line that is indented more than its head."""
    STATEMENT = auto()
    """Its semicolon, or before the next definition."""


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of one kind of definition, up to its name in the group `name`."""

    kind: str
    pattern: re.Pattern[bytes]
    body: bool = False
    """It is one only with a body in braces."""


@dataclass(frozen=True, slots=True)
class Heads:
    """All of a language."""

    heads: tuple[Head, ...]
    ends: Ends = Ends.BRACE
    separator: bytes = b""
    """Between a name and the scope that stands before it."""
    nested: bool = True
    """A function may stand in a function."""
    trusted: bool = False
    """They are right wherever a grammar says something else."""


_NAME = rb"(?P<name>[A-Za-z_$][\w$]*+)"
_WORDS = rb"(?:[A-Za-z]\w*+(?:\([^()\n]*+\))?[ \t]++){0,8}"
"""Modifiers."""


def _head(kind: str, pattern: bytes, *, body: bool = False, flags: int = 0) -> Head:
    return Head(kind, re.compile(pattern, re.MULTILINE | flags), body)


def _after(*words: str, name: bytes = _NAME) -> tuple[Head, ...]:
    """Kinds, each with its words: `class=class|object`."""
    return tuple(
        _head(kind, rb"(?<![\w.$@])(?:" + spelt.encode() + rb")\s++" + name)
        for kind, _, spelt in (word.partition("=") for word in words)
    )


_C_TYPES = (
    _head("enum", rb"\benum\s++(?:(?:class|struct)\s++)?" + _NAME + rb"\s*+[:{]", body=True),
    _head("class", rb"(?<!enum )\bclass\s++" + _NAME + rb"(?=[\w\s<>,]{0,300}+[:{])", body=True),
    _head("struct", rb"(?<!enum )\b(?:struct|union)\s++" + _NAME + rb"\s*+[:{]", body=True),
)
_C_FUNCTION = _head(
    "function",
    rb"^(?:[A-Za-z_][\w:<>,*&]*+[ \t*&]++){1,8}(?P<name>~?[A-Za-z_]\w*+(?:::~?\w++){0,4})[ \t]*+\(",
    body=True,
)
_ASSIGNED = rb"(?:async\b[ \t]*+)?(?:function\b|\([^()\n]*+\)[^=;\n]{0,100}=>|\w++[ \t]*+=>)"
_SCRIPT = (
    *_after("class=class"),
    _head("function", rb"(?<![\w.$])function\b[ \t]*+\*?[ \t]*+" + _NAME),
    _head(
        "function",
        rb"\b(?:const|let|var)[ \t]++" + _NAME + rb"[^=;\n]{0,200}=[ \t]*+" + _ASSIGNED,
    ),
    _head(
        "method",
        rb"^[ \t]++" + _WORDS + rb"(?P<name>#?[A-Za-z_$][\w$]*+)[ \t]*+(?:<[^<>\n]*+>)?\(",
        body=True,
    ),
)
_TYPED_SCRIPT = (*_SCRIPT, *_after("interface=interface", "enum=enum", "module=namespace"))
_MANAGED_METHOD = _head(
    "method",
    rb"^[ \t]++" + _WORDS + rb"(?:[\w.]++(?:<[^;{}()\n]{0,200}>)?[?\[\], \t]*[ \t])"
    rb"(?P<name>[A-Za-z_]\w*+)[ \t]*+(?:<[^<>\n]*+>)?\(",
    body=True,
)
_CSHARP_TYPES = _after(
    "class=class|record(?:\\s++class)?", "struct=(?:record\\s++)?struct", "interface=interface",
    "enum=enum", "module=namespace",
)  # fmt: skip
_JAVA_TYPES = _after("class=class|record", "interface=@?interface", "enum=enum")
_KOTLIN = (
    *_after("interface=interface", "class=class|object", "type=typealias"),
    _head(
        "function",
        rb"\bfun\s++(?:<[^<>\n]*+(?:<[^<>\n]*+>[^<>\n]*+)*+>\s*+)?"
        rb"(?:[\w<>?,* ]{1,200}+\.){0,4}(?P<name>\w++|`[^`\n]++`)[ \t]*+\(",
    ),
)
_GO = (
    _head("function", rb"^func[ \t]++(?:\([^()\n]*+\)[ \t]*+)?" + _NAME),
    _head("struct", rb"^type[ \t]++" + _NAME + rb"[^\n={(]*?[ \t]struct\b"),
    _head("interface", rb"^type[ \t]++" + _NAME + rb"[^\n={(]*?[ \t]interface\b"),
)
_RUST = (
    *_after(
        "function=fn", "struct=struct|union", "enum=enum", "trait=trait", "module=mod",
        "macro=macro_rules!",
    ),
    _head(
        "constant",
        rb"\b(?:pub(?:\([^()\n]*+\))?\s++)?static\s++(?:(?:ref|mut)\s++)?"
        rb"(?P<name>[A-Z_][A-Z0-9_]*+)\s*+:",
    ),
    _head(
        "scope",
        rb"^[ \t]*+(?:unsafe[ \t]++)?impl\b(?:<[^{};\n]{0,200}?>)?[ \t]++"
        rb"(?:[^{};\n]{0,200}?\bfor[ \t]++)?(?P<name>[A-Za-z_]\w*+)",
    ),
)  # fmt: skip
_RUBY = (
    _head("method", rb"^[ \t]*+def[ \t]++(?:\w++\.)?(?P<name>[A-Za-z_]\w*+[?!=]?)"),
    _head("class", rb"^[ \t]*+class[ \t]++(?P<name>[A-Z][\w:]*+)"),
    _head("module", rb"^[ \t]*+module[ \t]++(?P<name>[A-Z][\w:]*+)"),
)
_PHP = _after(
    "class=class", "interface=interface", "trait=trait", "enum=enum",
    "function=function(?:\\s*+&)?",
)  # fmt: skip
_SWIFT = _after(
    "class=class|actor", "struct=struct", "enum=enum", "interface=protocol", "scope=extension",
    "function=func",
)  # fmt: skip
_SCALA = _after("class=class|object", "trait=trait", "enum=enum", "function=def")
_PYTHON = (
    _head("function", rb"^[ \t]*+(?:async[ \t]++)?def[ \t]++" + _NAME),
    _head("class", rb"^[ \t]*+class[ \t]++" + _NAME),
)
_BASH = (
    _head("function", rb"^[ \t]*+(?:function[ \t]++)?(?P<name>[\w:.+-]++)[ \t]*+\([ \t]*+\)"),
    _head("function", rb"^[ \t]*+function[ \t]++(?P<name>[\w:.+-]++)"),
)
_PART = rb"(?:[A-Za-z_@][\w$@]*+|\"[^\"\n]++\"|`[^`\n]++`|\[[^\]\n]++\])"


def _created(kind: str, words: bytes) -> Head:
    return _head(
        kind,
        rb"\bCREATE\s++(?:[\w=`@'.%]++\s++){0,6}?" + words + rb"\s++(?:CONCURRENTLY\s++)?"
        rb"(?:IF\s++NOT\s++EXISTS\s++)?(?P<name>" + _PART + rb"(?:\s*+\.\s*+" + _PART + rb"){0,3})",
        flags=re.IGNORECASE,
    )


_SQL = (
    _created("table", rb"TABLE"),
    _created("view", rb"VIEW"),
    _created("trigger", rb"TRIGGER"),
    _created("routine", rb"(?:FUNCTION|PROCEDURE|PROC|AGGREGATE)"),
    _created("module", rb"PACKAGE\s++BODY"),
    _created("type", rb"(?:TYPE|DOMAIN)"),
    _created("index", rb"INDEX"),
)
_NAMESPACE = _head("module", rb"\bnamespace\s++(?P<name>[\w:]++)\s*+\{")

_PROTOBUF = (
    *_after("struct=message", "scope=extend", "enum=enum", "interface=service", "method=rpc"),
    _head(
        "field",
        rb"(?:^|(?<=[{;]))[ \t]*+(?:(?:repeated|optional|required)[ \t]++)?"
        rb"(?:map[ \t]*+<[^<>\n]*+>|[A-Za-z_.][\w.]*+)[ \t]++(?P<name>\w++)[ \t]*+=[ \t]*+\d",
    ),
    _head("enumerator", rb"^[ \t]*+(?P<name>[A-Z]\w*+)[ \t]*+=[ \t]*+-?(?:0x)?\d"),
)
_GRAPHQL = (
    *_after("interface=(?<!extend )interface", "struct=(?<!extend )(?:type|input)", "enum=enum"),
    *_after("scope=extend\\s++(?:type|input|interface)", "type=union|scalar"),
    *_after("function=query|mutation|subscription|fragment"),
    _head("macro", rb"\bdirective\s++@(?P<name>\w++)"),
    _head("field", rb"^[ \t]++(?P<name>[A-Za-z_]\w*+)(?=\s*+:)"),
)
_DART_TYPE = rb"(?:int|double|num|bool|[A-Z]\w*+(?:<[^;\n]{1,200}?>)?)\??[ \t]++"
_DART = (
    *_after("class=class|mixin(?:\\s++class)?|extension\\s++type", "enum=enum", "type=typedef"),
    _head("scope", rb"\bextension\s++(?!type\b)" + _NAME),
    _head(
        "function",
        rb"^(?!(?:import|export|part|typedef|class|extension)\b)"
        rb"(?:[A-Za-z_][\w<>,.?]*+[ \t]++){1,4}(?P<name>[A-Za-z_]\w*+)[ \t]*+(?:<[^<>\n]*+>)?\(",
    ),
    _head(
        "method",
        rb"^[ \t]++(?!(?:return|await|throw|yield|else|new|final|const|var|case|assert)\b)"
        rb"(?:[A-Za-z_][\w.?]*+(?:<[^;{}()\n]{0,200}>)?[?]?[ \t]++){1,4}"
        rb"(?P<name>[A-Za-z_]\w*+)[ \t]*+(?:<[^<>\n]*+>)?\((?=[^;{}]{0,400}(?:\{|=>))",
    ),
    _head(
        "function",
        rb"^[ \t]*+(?:[A-Za-z_][\w<>,.?]*+[ \t]++){0,4}?get[ \t]++(?P<name>[A-Za-z_]\w*+)"
        rb"(?=\s*+(?:=>|\{|;|async\b|sync\b))",
    ),
    _head(
        "constructor",
        rb"^[ \t]++(?:(?:const|factory|external)[ \t]++){0,2}(?:[A-Z]\w*+\.(?=[a-z_]))?"
        rb"(?P<name>\w++)\((?=(?:[^(){};]|\([^()]*+\)|\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+){0,9}\}){0,400}"
        rb"\)\s*+(?:;|:|=>|=|\{))",
    ),
    _head(
        "constant",
        rb"^[ \t]*+(?:static[ \t]++)?const[ \t]++(?:[A-Za-z_][\w<>,.?]*+[ \t]++)?"
        rb"(?P<name>[A-Za-z_]\w*+)[ \t]*+=",
    ),
    _head(
        "variable",
        rb"^[ \t]*+(?:static[ \t]++)?(?:(?:(?:late|final|var)[ \t]++){1,2}(?:"
        + _DART_TYPE
        + rb")?|"
        + _DART_TYPE
        + rb")(?P<name>[A-Za-z_]\w*+)[ \t]*+[=;]",
    ),
)

_GROOVY = (
    *_JAVA_TYPES,
    *_after("trait=trait"),
    _head("function", rb"^[ \t]*+" + _WORDS + rb"def[ \t]++(?P<name>[A-Za-z_]\w*+)[ \t]*+\("),
    _MANAGED_METHOD,
)

HEADS: dict[str, Heads] = {
    "bash": Heads(_BASH),
    "c": Heads((*_C_TYPES[::2], _C_FUNCTION), nested=False),
    "cpp": Heads((*_C_TYPES, _NAMESPACE, _C_FUNCTION), separator=b"::", nested=False),
    "dart": Heads(_DART, nested=False),
    "groovy": Heads(_GROOVY, nested=False),
    "graphql": Heads(_GRAPHQL, nested=False),
    "protobuf": Heads(_PROTOBUF, nested=False),
    "csharp": Heads((*_CSHARP_TYPES, _MANAGED_METHOD), nested=False),
    "go": Heads(_GO, nested=False),
    "java": Heads((*_JAVA_TYPES, _MANAGED_METHOD), nested=False),
    "javascript": Heads(_SCRIPT),
    "kotlin": Heads(_KOTLIN),
    "php": Heads(_PHP),
    "python": Heads(_PYTHON, Ends.INDENTATION),
    "ruby": Heads(_RUBY, Ends.INDENTATION, b"::"),
    "rust": Heads(_RUST),
    "scala": Heads(_SCALA, Ends.INDENTATION),
    "sql": Heads(_SQL, Ends.STATEMENT, b".", nested=False, trusted=True),
    "swift": Heads(_SWIFT),
    "tsx": Heads(_TYPED_SCRIPT),
    "typescript": Heads(_TYPED_SCRIPT),
}
