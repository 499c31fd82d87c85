"""Bytes to UTF-8 and lines: what editors write, without guessing far."""

import codecs

_PROBE_BYTES = 8_192
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MOST_FOREIGN = 0.3
_LAST_ASCII, _FIRST_SPACE = 0x7F, 0x09


def as_utf8(source: bytes) -> tuple[bytes, str] | None:
    """The source in UTF-8 and the encoding it came in; None when it is no text.

    A byte order mark decides; else UTF-8; else Latin-1, when most bytes are ASCII and none is a
    control character that text does not have.
    """
    for mark, encoding in _BOMS:
        if source.startswith(mark):
            return _decoded(source, encoding)
    if b"\0" in source[:_PROBE_BYTES]:
        return None
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(source, "latin-1") if _plausible(source) else None
    return source, "utf-8"


def lines_of(text: str) -> list[str]:
    """The lines as grammars count them: a form feed or a Unicode separator ends none."""
    lines = text.removesuffix("\n").split("\n") if text else []
    return [line.removesuffix("\r") for line in lines]


def is_binary(source: bytes) -> bool:
    """Whether the first bytes hold what no text holds."""
    return b"\0" in source[:_PROBE_BYTES] and not source.startswith(
        (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    )


def _decoded(source: bytes, encoding: str) -> tuple[bytes, str] | None:
    try:
        return source.decode(encoding).encode(), encoding
    except UnicodeError:
        return None


def _plausible(source: bytes) -> bool:
    foreign = sum(byte > _LAST_ASCII or byte < _FIRST_SPACE for byte in source[:_PROBE_BYTES])
    return foreign <= _MOST_FOREIGN * min(len(source), _PROBE_BYTES)
