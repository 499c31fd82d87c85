"""Cython as Python of the same length: what only C has becomes blanks, and lines stay."""

import re

_WORDS = (b"cdef", b"cpdef", b"cimport", b"ctypedef")
_MARK = re.compile(
    rb"^[ \t]*(cdef|cpdef|ctypedef|cimport|from[ \t]+[\w.]+[ \t]+cimport)\b", re.MULTILINE
)
_HEAD = re.compile(rb"^[ \t]*(?:cdef|cpdef|def)\b[^\n]*", re.MULTILINE)
_BRACKETS = re.compile(rb"(?<=[\w)])\[[^\[\]()\n]*\]|\([^()\n]*\)[ \t]+(?=\w+[ \t]*\()")
_CASTS = re.compile(rb"<[A-Za-z_][\w. \t]*[* \t]*\??>(?=[ \t]*[\w(&])|(?<=[(,=])[ \t]*&(?=\w)")
_BLOCK_BODY = rb"[^\n]*(?:\n|$)(?:\1[ \t]+[^\n]*(?:\n|$)|[ \t]*\n)*"
_DECLARED = re.compile(
    rb"^([ \t]*)((?:cdef[ \t]+extern|cdef[ \t]*:)" + _BLOCK_BODY + rb")", re.MULTILINE
)
_RECORD = re.compile(
    rb"^([ \t]*)((?:cdef|cpdef|ctypedef)[ \t]+(?:public[ \t]+|packed[ \t]+)*(?:struct|union)\b"
    rb"[ \t]*)(\w+" + _BLOCK_BODY + rb")",
    re.MULTILINE,
)
_FIELD = re.compile(rb"^([ \t]+)(\w[\w.*& \t]*[ \t*&])(\w+)[ \t]*$", re.MULTILINE)
_CLASS = re.compile(rb"^([ \t]*)((?:cdef|cpdef)[ \t]+(?:public[ \t]+|api[ \t]+)*(?:class|enum)\b)",
                    re.MULTILINE)  # fmt: skip
_FUNCTION = re.compile(
    rb"^([ \t]*)(cdef|cpdef|def)\b([\w.*& \t]*[ \t*&])(\w+[ \t]*\()([^()]{0,2000})(\))"
    rb"([^:\n]{0,200})(?=:)",
    re.MULTILINE,
)
_PARAMETER = re.compile(rb"(^|,)([ \t\n]*)(\w[\w.*& \t]*[ \t*&])(?=\w+[ \t\n]*(?:[=,:]|$))")
_NULL = re.compile(rb"\b(?:not|or)[ \t]+None\b")
_VARIABLE = re.compile(rb"^([ \t]*)(cdef[ \t][\w.*&:, \t]*[ \t*&])(\w+[ \t]*(?:=[^\n]*)?$)",
                       re.MULTILINE)  # fmt: skip
_REST = re.compile(rb"^([ \t]*)((?:cdef|cpdef|ctypedef)\b[^\n]*)", re.MULTILINE)


def is_cython(text: bytes) -> bool:
    """Whether a text that is named as Python declares what only Cython has."""
    return any(word in text for word in _WORDS) and _MARK.search(text) is not None


def as_python(text: bytes) -> bytes:
    """The text as the grammar of Python reads it; what is declared without a body is left out."""
    text = _DECLARED.sub(lambda match: match[1] + _begun(b"0", match[2]), text)
    text = _RECORD.sub(_record, text)
    text = _CLASS.sub(lambda match: match[1] + _begun(b"class", match[2]), text)
    text = _HEAD.sub(lambda match: _BRACKETS.sub(_blanked, match[0]), text)
    text = _CASTS.sub(_blanked, text)
    text = _FUNCTION.sub(_function, text)
    text = _VARIABLE.sub(lambda match: match[1] + _begun(b"0;", match[2]) + match[3], text)
    text = _REST.sub(lambda match: match[1] + _begun(b"0", match[2]), text)
    return re.sub(rb"\bcimport\b", b"import ", text)


def _record(match: re.Match[bytes]) -> bytes:
    fields = _FIELD.sub(lambda field: field[1] + _begun(b"0;", field[2]) + field[3], match[3])
    return match[1] + _begun(b"class", match[2]) + fields


def _function(match: re.Match[bytes]) -> bytes:
    indent, word, typed, name, parameters, closing, after = match.groups()
    parameters = _PARAMETER.sub(_parameter, _NULL.sub(_blanked, parameters))
    if word == b"def":
        return indent + word + typed + name + parameters + closing + after
    return indent + _begun(b"def", word + typed) + name + parameters + closing + _blank(after)


def _parameter(match: re.Match[bytes]) -> bytes:
    return match[1] + match[2] + _blank(match[3])


def _begun(word: bytes, over: bytes) -> bytes:
    return word + _blank(over[len(word) :])


def _blanked(match: re.Match[bytes]) -> bytes:
    return _blank(match[0])


def _blank(text: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", text)
