"""A source with its comments and strings blanked: patterns are looked for in what is left.

Every byte keeps its place, and every line its number. All takes linear time: what a stranger wrote
is in it.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

_SPACES = bytes(byte if byte in b"\r\n" else ord(" ") for byte in range(256))
_SLASHES = rb"//[^\n]*+"
_STARS = rb"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?"
_HASH = rb"#[^\n]*+"
_DOUBLE = rb'"(?:[^"\\\n]|\\.)*+"?'
_SINGLE = rb"'(?:[^'\\\n]|\\.)*+'?"
_LONG_DOUBLE = rb'"(?:[^"\\]|\\.)*+"?'
_LONG_SINGLE = rb"'[^']*+'?"
_BACKTICKS = rb"`(?:[^`\\]|\\.)*+`?"
_CHARACTER = rb"'(?:[^'\\\n]|\\[^\n]{1,10}?)'"
_TRIPLE = rb'"""[^"]*+(?:"{1,2}(?!")[^"]*+)*+(?:""")?'
_TRIPLE_SINGLE = rb"'''[^']*+(?:'{1,2}(?!')[^']*+)*+(?:''')?"
_DIRECTIVE = rb"^[ \t]*+#(?:[^\\\n]|\\\r?\n|\\)*+"
_RAW = rb'\br#*+"(?:[^"]|"(?!#))*+"#*+'
_REGEX = rb"(?<=[=(,:;!&|?\[{}\n])[ \t]*+/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*+\])++/"
_HTML = rb"\A[^<]*+(?:<(?!\?)[^<]*+)*+|\?>[^<]*+(?:<(?!\?)[^<]*+)*+"
_HERE = rb"<<[-~]?[ \t]*+[\\\"']?(?P<here>[A-Za-z_]\w*+)[\"']?"
_PHP_HERE = rb"<<<[ \t]*+[\"']?(?P<here>[A-Za-z_]\w*+)[\"']?"
_DOLLARS = rb"\$(?P<dollars>\w*+)\$"
_COPIED = rb"(?i:\bFROM[ \t]++stdin\b)[^;\n]*+;[^\\]*+(?:\\(?!\.)[^\\]*+)*+"
_BEGIN = rb"^=begin\b[^=]*+(?:=(?!end)[^=]*+)*+"


def _pattern(*parts: bytes) -> re.Pattern[bytes]:
    return re.compile(b"|".join(parts), re.MULTILINE | re.DOTALL)


_C = _pattern(_DIRECTIVE, _SLASHES, _STARS, _DOUBLE, _CHARACTER)
_JVM = _pattern(_SLASHES, _STARS, _TRIPLE, _DOUBLE, _CHARACTER)
_SCRIPT = _pattern(_SLASHES, _STARS, _REGEX, _DOUBLE, _SINGLE, _BACKTICKS)
_HIDDEN = {
    "bash": _pattern(rb"(?<![^\s;])#[^\n]*+", _HERE, rb"\\.", _LONG_SINGLE, _LONG_DOUBLE),
    "c": _C,
    "cpp": _C,
    "csharp": _pattern(_DIRECTIVE, _SLASHES, _STARS, _TRIPLE, rb'@"[^"]*+"?', _DOUBLE, _CHARACTER),
    "dart": _pattern(_SLASHES, _STARS, _TRIPLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE),
    "groovy": _pattern(_SLASHES, _STARS, _TRIPLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE),
    "graphql": _pattern(_HASH, _TRIPLE, _DOUBLE),
    "protobuf": _pattern(_SLASHES, _STARS, _DOUBLE, _SINGLE),
    "go": _pattern(_SLASHES, _STARS, _DOUBLE, rb"`[^`]*+`?", _CHARACTER),
    "java": _JVM,
    "javascript": _SCRIPT,
    "kotlin": _JVM,
    "php": _pattern(_HTML, _SLASHES, _STARS, rb"#(?!\[)[^\n]*+", _PHP_HERE, _LONG_SINGLE,
                    _LONG_DOUBLE),
    "python": _pattern(_HASH, _TRIPLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE),
    "ruby": _pattern(_BEGIN, _HASH, _HERE, _DOUBLE, _SINGLE),
    "rust": _pattern(_SLASHES, _STARS, _RAW, _LONG_DOUBLE, _CHARACTER),
    "scala": _JVM,
    "sql": _pattern(_COPIED, rb"--[^\n]*+", _STARS, _DOLLARS, rb"'(?:[^'\\]|\\.)*+'?"),
    "swift": _pattern(_SLASHES, _STARS, _TRIPLE, _DOUBLE),
    "tsx": _SCRIPT,
    "typescript": _SCRIPT,
}  # fmt: skip
_NOTHING = _pattern(rb"(?!)")
_MARKS = {
    "here": re.compile(rb"^[ \t]*+(?P<mark>\w++)", re.MULTILINE),
    "dollars": re.compile(rb"\$(?P<mark>\w*+)\$"),
}
"""What may end that which a mark of the same name begins."""
DELIMITER = re.compile(rb"^[ \t]*+DELIMITER[ \t]++\$\$", re.MULTILINE | re.IGNORECASE)


def bare(text: bytes, language: str) -> bytes:
    """The text with spaces for comments, preprocessor's lines, and what is inside of strings."""
    naked, hidden, marks = bytearray(text), _HIDDEN.get(language, _NOTHING), _Marks(text)
    place = 0
    here: tuple[int, int] | None = None
    while True:
        match = hidden.search(text, place, here[0] if here else len(text))
        if match is None:
            if here is None:
                return bytes(naked)
            start, end = here
            place, here = end, None
        elif match.lastgroup == "here":
            place, here = match.end(), marks.lines_after(match)
            continue
        elif match.lastgroup == "dollars":
            start = match.end()
            end = place = marks.partner(match)
        else:
            place = max(match.end(), match.start() + 1)
            quote = match[0][:1] in b"\"'@`" and len(match[0]) > 1
            start, end = match.start() + quote, match.end() - quote
        naked[start:end] = blank(text[start:end])


def blank(text: bytes) -> bytes:
    """As many spaces, with the line breaks."""
    return text.translate(_SPACES)


@dataclass
class _Marks:
    """Where texts end that a mark begins: each kind of mark is looked for once."""

    text: bytes

    def __post_init__(self) -> None:
        self._places: dict[str, Mapping[bytes, list[int]]] = {}
        self._until = 0

    def partner(self, match: re.Match[bytes]) -> int:
        """The end of a text in dollars; of an empty one where SQL has them for something else."""
        if not match["dollars"] and DELIMITER.search(self.text):
            return match.end()
        return self._next("dollars", match["dollars"], match.end())

    def lines_after(self, match: re.Match[bytes]) -> tuple[int, int]:
        """The lines of a here-document; several may follow one line."""
        line_end = self.text.find(b"\n", match.end())
        start = max(line_end if line_end >= 0 else len(self.text), self._until)
        self._until = self._next("here", match["here"], start)
        return start, self._until

    def _next(self, kind: str, mark: bytes, after: int) -> int:
        """Where a mark stands next; the same place when it does nowhere."""
        if kind not in self._places:
            places: dict[bytes, list[int]] = {}
            for match in _MARKS[kind].finditer(self.text):
                places.setdefault(match["mark"], []).append(match.start())
            self._places[kind] = places
        listed = self._places[kind].get(mark, [])
        position = bisect_left(listed, after)
        return listed[position] if position < len(listed) else after
