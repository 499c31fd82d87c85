"""What a source is read as when its grammar fails on it: the same bytes, some of them blanked.

Macros are the most of it: a grammar does not know what stands for what. Positions stay, so a tree
of what is read has the places of the source.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from keepsake.scanner.models import LineRange
from keepsake.scanner.parse.recovery.bare import bare, blank
from keepsake.scanner.parse.recovery.scanning import ScannedNode, ScannedText

_Spans = Iterator[tuple[int, int]]

_ARGUMENTS = rb"\((?:[^()\n]|\([^()\n]*+\)){0,400}+\)"
_CAPITALS = rb"[A-Z_][A-Z0-9_]{1,99}+(?![a-z])"
_MACRO = _CAPITALS + rb"(?:[ \t]*+" + _ARGUMENTS + rb")?"
_EXTENSION = rb"(?:" + _MACRO + rb"|__[a-z][a-z_0-9]*+|noinline)"
_HEAD = re.compile(
    rb"\b(?:class|struct|union|enum(?:[ \t]+(?:class|struct))?)\s"
    rb"\s*((?:[A-Za-z_]\w*+(?:[ \t]*" + _ARGUMENTS + rb")?\s++){1,6}?)"
    rb"(?!final\b)[A-Za-z_][\w:]*+(?:<[^<>{};]{0,200}>)?\s*+(?:final\s*+)?"
    rb"(?:\{|:(?!:)(?:[^;{}()]|\([^()]*\)){0,600}+\{)"
)
"""What is between `class` and the class's name."""
_ATTRIBUTE = rb"(?:\[\[[^\[\]\n]{0,200}+\]\]|(?:alignas|__attribute__|__declspec)\s*+" + _ARGUMENTS
_ATTRIBUTES = re.compile(
    rb"\b(?:class|struct|union|enum(?:[ \t]+(?:class|struct))?)\s*+((?:"
    + _ATTRIBUTE
    + rb")\s*+){1,6})(?=[A-Za-z_])"
)
_STORAGE = re.compile(rb"\b(_Thread_local)\b")
_EXPORT = re.compile(rb"^[ \t]*+(export)[ \t]++(?!module\b|import\b|\{)", re.MULTILINE)
_MODULE = re.compile(
    rb"^[ \t]*+((?:export[ \t]++)?(?:module|import)\b[^;{}()=\n]{0,200}+;)", re.MULTILINE
)
"""What C++ has since modules, and its grammar has not."""
_PLAIN = (_HEAD, _ATTRIBUTES, _STORAGE, _EXPORT, _MODULE)
_FORWARD = re.compile(rb"\b(?:class|struct|union)\s++(" + _MACRO + rb"\s++)\w++\s*+;")
_LINE = re.compile(
    rb"^[ \t]*+((?:"
    + _MACRO
    + rb"[ \t]*+){1,4})(?=$|\r|(?:class|struct|union|enum|template|namespace)\b)",
    re.MULTILINE,
)
"""Macros that stand alone on their line, or before a keyword of a declaration."""
_BEFORE = re.compile(
    rb"^[ \t]*+(?:(?:static|inline|extern|virtual|constexpr|explicit|friend)[ \t]++)*+"
    rb"((?:"
    + _MACRO
    + rb"[ \t]++){1,4}?)(?=[A-Za-z_][\w:]*+(?:<[^<>;{}\n]*+>)?(?:[ \t*&]++[A-Za-z_~]|[ \t*&]*+$))",
    re.MULTILINE,
)
"""Macros before a type and a name."""
_AFTER = re.compile(
    rb"(?:\)(?:\s*+(?:const|noexcept|override|volatile))*+|\w[ \t]++\w++)\s*+"
    rb"((?:" + _MACRO + rb"\s*+){1,4})(?=[{;:=])"
)
"""Macros after parameters or a field's name."""
_BETWEEN = re.compile(
    rb"^[ \t]*+[A-Za-z_][\w \t*&:<>]{0,200}?(?<!static)(?<!inline)(?<!extern)(?<!const)[ \t*&]((?:"
    + _EXTENSION
    + rb"\s++){1,4}+)(?=[A-Za-z_][\w:]*+[ \t]*+\()",
    re.MULTILINE,
)
"""Macros between a type and a function's name."""
_CALL = re.compile(
    rb"^([A-Za-z_]\w*+[ \t]*+" + _ARGUMENTS + rb")[ \t]*+$(?!\s*+[{:;])", re.MULTILINE
)
"""Calls at the beginning of a line, without the semicolon that would make a statement of them."""
_CALL_LINE = re.compile(rb"[A-Za-z_]\w*+[ \t]*+" + _ARGUMENTS + rb"\Z")
_LABEL = re.compile(
    rb"^[ \t]*+(?:(?:public|private|protected)[ \t]++([A-Za-z_]\w*+)|([A-Za-z_]\w*+))[ \t]*+:(?!:)",
    re.MULTILINE,
)
_MADE = re.compile(
    rb"^[ \t]*+(?:(?:static|inline|extern|virtual)[ \t]++)*+(?P<macro>[A-Za-z_]\w*+)[ \t]*+"
    rb"\((?P<arguments>(?:[^(){};]|\([^(){};]*+\)){0,800}+)\)(?:\s*+\([^(){};]*+\))?\s*+\{",
    re.MULTILINE,
)
_ENUM = re.compile(
    rb"\b(?:typedef[ \t]++)?+[A-Z_]*(?:ENUM|OPTIONS)\([\w \t]*+,[ \t]*+"
    rb"(?P<name>\w++)[ \t]*+\)(?=\s*+\{)"
)
_CAPITAL = re.compile(_CAPITALS)
_WORD = re.compile(rb"[A-Za-z_]\w*+")
_NEAR = 400
_ENDS, _GOES_ON = b";{}:>", b",=.+-*/|&?)]<"
_QUALIFIERS = (_BEFORE, _BETWEEN, _AFTER, _CALL)
_LABELS = frozenset([b"public", b"private", b"protected", b"default"])
_OLD_STYLE = re.compile(
    rb"^[ \t]*+[A-Za-z_][\w \t*]*+\s*+\([\w\s,]*+\)"
    rb"(\s*+(?:[A-Za-z_][^;{}=#]{0,200}+;\s*+){1,20})\{",
    re.MULTILINE,
)
"""Parameters that are declared between a function's head and its body."""


def without_macros(text: bytes, _: Sequence[LineRange]) -> bytes:
    """C and C++ without macros in the heads of types, and those that are no statement."""
    naked = bare(text, "cpp")
    text = _ENUM.sub(_enumeration, text)
    heads = (_group(match) for pattern in (*_PLAIN, _FORWARD) for match in pattern.finditer(naked))
    return _blanked(text, chain(heads, _alone(naked), _old_style(naked)))


def without_qualifiers(text: bytes, _: Sequence[LineRange]) -> bytes:
    """C and C++ without macros before and after what is declared, and labels of a dialect."""
    naked = bare(text, "cpp")
    for pattern in _QUALIFIERS:  # one after the other: each is by the words that are left
        spans = [match.span(1) for match in pattern.finditer(naked)]
        text, naked = _blanked(text, spans), _blanked(naked, spans)
    return _blanked(text, _labels(naked))


def _enumeration(match: re.Match[bytes]) -> bytes:
    """The macro that declares it as the words that it stands for."""
    before = match.start("name") - match.start()
    return b"enum".ljust(before) + match["name"].ljust(len(match[0]) - before)


def _alone(naked: bytes) -> _Spans:
    """Macros where a statement or a declaration may begin, and that nothing goes on from."""
    before = 0
    for match in _LINE.finditer(naked):
        start, end = match.span(1)
        behind = naked[end : end + _NEAR].lstrip()[:1]
        ahead = naked[max(start - _NEAR, 0) : start].rstrip()[-1:]
        goes_on = _GOES_ON + (b"{" if match[1].rstrip().endswith(b")") else b"")
        goes_on += b"}" if ahead == b"{" else b""  # a lone enumerator
        follows = not naked[before:start].strip() if start - before < _NEAR else False
        if (follows or _begins(naked, start)) and not (behind and behind in goes_on):
            yield start, end
            before = end


def _begins(naked: bytes, place: int) -> bool:
    """Whether a statement or a declaration may begin at a place."""
    ahead = naked[max(place - _NEAR, 0) : place].rstrip()
    if ahead[-1:] == b"{":
        return ahead[:-1].rstrip()[-1:] not in (b"=", b",", b"(")
    return ahead[-1:] in _ENDS or (
        ahead[-1:] == b")" and bool(_CALL_LINE.match(ahead[ahead.rfind(b"\n") + 1 :]))
    )


def _labels(naked: bytes) -> _Spans:
    for match in _LABEL.finditer(naked):
        if match[1] is not None:
            yield match.span(1)
        elif match[2] not in _LABELS and naked[match.end() : match.end() + 1].isspace():
            yield match.span()


def _old_style(naked: bytes) -> _Spans:
    return (match.span(1) for match in _OLD_STYLE.finditer(naked))


def _group(match: re.Match[bytes]) -> tuple[int, int]:
    return match.span(1)


def _blanked(text: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    changed = bytearray(text)
    for start, end in spans:
        changed[start:end] = blank(text[start:end])
    return bytes(changed)


def made_by_macros(scan: ScannedText) -> Iterator[ScannedNode]:
    """Functions whose heads are calls of macros, such as `TEST(Suite, name) {`."""
    for match in _MADE.finditer(scan.bare):
        macro, arguments = match["macro"], match.span("arguments")
        if not _begins(scan.bare, match.start()):
            continue
        if _CAPITAL.fullmatch(macro) and not _is_type(scan.bare, macro):
            scope, name = _named_by(scan.text[slice(*arguments)])
            name = name or macro
        elif not scan.bare[match.start() : match.start() + 1].isspace():
            scope, name = b"", macro  # a function without a type
        else:
            continue
        brace = match.end() - 1
        node = scan.node(
            match.start(),
            match.span("macro"),
            brace,
            scan.extents.closed(match.start("macro"), brace),
        )
        yield node.named(name, scope)


def _is_type(naked: bytes, name: bytes) -> bool:
    """Whether it is a constructor."""
    return bool(re.search(rb"\b(?:class|struct)\s++(?:\w++\s++)?" + name + rb"\b", naked))


def _named_by(arguments: bytes) -> tuple[bytes, bytes]:
    """The scope and name in a macro's arguments: the first is the name, of two it is the scope."""
    listed = [argument.strip() for argument in arguments.split(b",")]
    if listed[0][:1] == b'"':
        return b"", arguments.strip()[1:].partition(b'"')[0]
    if len(listed) == 2 and all(map(_WORD.fullmatch, listed)):  # noqa: PLR2004 - scope and name
        return listed[0], listed[1]
    return b"", listed[0] if _WORD.fullmatch(listed[0]) else b""
