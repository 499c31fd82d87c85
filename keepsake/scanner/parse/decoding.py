"""From a file's bytes to UTF-8: by its mark, as UTF-8, as it declares, or by statistics.

What statistics cannot tell stays unreadable, and is said: a wrong guess would be stored as truth.
"""

import codecs
import re
from collections.abc import Callable, Sequence
from unicodedata import category

from keepsake.scanner.models import LineRange
from keepsake.scanner.parse.alphabets import guessed

_PROBE_BYTES = 8_192
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The longer ones first: one of UTF-32 begins as one of UTF-16."""
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_ESCAPE = b"\x1b"
_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b$A")
"""How ISO-2022-JP leaves ASCII; to UTF-8 these are control characters."""
_DECLARED = re.compile(
    rb"""\A(?:[^\n]{0,200}\n)?[^\n]{0,200}?coding[:=][ \t]*["']?([-\w.]+)"""
    rb"""|\A\s{0,20}<\?xml[^>]{0,100}?\bencoding=["']([-\w.]+)"""
    rb"""|\A@charset[ ]["']([-\w.]+)"""
    rb"""|\A[^\0]{0,1000}?<meta\s[^>]{0,100}?charset=["']?([-\w.]+)""",
)
_LINE_ENDS = re.compile(r"-(unix|dos|mac)$")
"""What Emacs may write behind a name."""
_NO_ENCODINGS = frozenset(
    ["unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape", "idna",
     "punycode", "undefined", "utf-7"]
)  # fmt: skip
UNKNOWN = "unknown"
_REPLACEMENT = "\ufffd".encode()
_MOST_FOREIGN = 0.3
_LAST_ASCII = 0x7F
_SPACES = "\t\n\r\f\v"
_STRANGE = ("Cc", "Cn", "Co", "Cs")
_MOST_STRANGE = 0.002
_MOST_NULS = 0.02


def as_utf8(source: bytes) -> tuple[bytes, str] | None:
    """The source in UTF-8 and the encoding it came in; None when it is no text.

    Where the encoding is `unknown`, what is not ASCII has been replaced by U+FFFD. Lines that end
    in CR alone end in LF.
    """
    decoded = _decoded_source(source)
    if decoded is None or b"\n" in decoded[0]:
        return decoded
    return decoded[0].replace(b"\r", b"\n"), decoded[1]


def _decoded_source(source: bytes) -> tuple[bytes, str] | None:
    for mark, encoding in _MARKS:
        if source.startswith(mark):
            return _decoded(source, [encoding], _is_text)
    if is_binary(source):
        return _decoded(source, _WIDE, _is_wide_text) or _decoded(source, ["utf-8"], _has_few_nuls)
    if _ESCAPE in source and any(escape in source for escape in _ESCAPES):
        return _decoded(source, ["iso2022_jp_2"], _is_text)
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        encodings = [*_declared(source), *guessed(source)]
        return _decoded(source, encodings, _is_text) or _replaced(source)
    return source, "utf-8"


def is_binary(source: bytes) -> bool:
    """Whether its first bytes hold what only wide encodings have in a text."""
    return b"\0" in source[:_PROBE_BYTES]


def replaced_lines(text: bytes) -> list[LineRange]:
    """The lines of a text of an unknown encoding that were not ASCII."""
    numbered = enumerate(text.split(b"\n"), 1)
    return [(number, number) for number, line in numbered if _REPLACEMENT in line]


def _decoded(
    source: bytes, encodings: Sequence[str], fits: Callable[[str], bool]
) -> tuple[bytes, str] | None:
    """By the first encoding that makes a fitting text of it."""
    for encoding in encodings:
        try:
            text = source.decode(encoding)
            if fits(text):
                return text.encode(), encoding
        except UnicodeError:
            continue
    return None


def _declared(source: bytes) -> list[str]:
    """The encoding that the source names itself, if it is one of text."""
    match = _DECLARED.match(source)
    if match is None:
        return []
    written = _LINE_ENDS.sub("", next(filter(None, match.groups())).decode().lower())
    try:
        b"a".decode(written)
        name = codecs.lookup(written).name
    except (LookupError, UnicodeError):
        return []
    return [] if name in _NO_ENCODINGS else [name]


def _replaced(source: bytes) -> tuple[bytes, str] | None:
    """With the bytes that nothing explains replaced, if they are few: the rest is code."""
    foreign = sum(byte > _LAST_ASCII for byte in source[:_PROBE_BYTES])
    if foreign > _MOST_FOREIGN * min(len(source), _PROBE_BYTES):
        return None
    text = source.decode("utf-8", "replace")
    return (text.encode(), UNKNOWN) if _is_text(text) else None


def _is_wide_text(text: str) -> bool:
    """Whether it has lines or words, and nothing that no text has."""
    return ("\n" in text or " " in text) and _is_text(text)


def _has_few_nuls(text: str) -> bool:
    """Whether it is a text but for a NUL here and there, such as one in a string."""
    nuls = text.count("\0")
    return nuls <= _MOST_NULS * len(text) and _is_text(text.replace("\0", " "))


def _is_text(text: str) -> bool:
    """Whether next to nothing is a control character, or no character at all."""
    if text.isprintable():
        return True
    unprintable = (char for char in text if not char.isprintable() and char not in _SPACES)
    strange = sum(category(char) in _STRANGE for char in unprintable)
    return strange <= _MOST_STRANGE * len(text)
