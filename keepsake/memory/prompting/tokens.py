"""How many tokens a text takes in a prompt, counted so that no usual tokeniser takes more.

Tokenisers differ and none is asked. A plain word of Latin letters counts a token for each three of
them, one in capitals for each two; a digit, a sign and a line break one each; a blank belongs to
the word behind it. Other letters count by their bytes in UTF-8: of two bytes one, Chinese, Japanese
and Korean ones two, all others as many as bytes. Of English prose that is about half as much again
as what models count.
"""

import re

_CUT = "…"
_WORD, _CAPITALS, _EAST_ASIAN = 3, 2, 2
_PIECES = re.compile(
    r"(?P<word>[A-Z]?[a-z]+)|(?P<capitals>[A-Z]+)|(?P<sign>[!-/0-9:-@\[-`{-~\n])|(?P<blanks> +)"
    r"|(?P<east>[\u2e80-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+)"
    r"|(?P<other>[^ -~\n])"
)


def tokens(text: str) -> int:
    """How many tokens a text takes at most."""
    return sum(_counted(match) for match in _PIECES.finditer(text))


def _counted(piece: re.Match[str]) -> int:
    kind, length = piece.lastgroup, piece.end() - piece.start()
    if kind == "word":
        return -(-length // _WORD)
    if kind == "capitals":
        return -(-length // _CAPITALS)
    if kind == "blanks":
        return min(length - 1, 1)
    if kind == "east":
        return _EAST_ASIAN * length
    if kind == "sign":
        return 1
    size = len(piece[0].encode(errors="replace"))
    return size - 1 if size == 2 else size  # noqa: PLR2004 - most alphabets beside Latin


def shortened(text: str, most: int) -> str:
    """A text, or as much of its beginning as takes so many tokens, with a mark at its end."""
    if tokens(text) <= most:
        return text
    room = max(most - tokens(_CUT), 0)
    while text and (count := tokens(text)) > room:
        text = text[: min(len(text) * room // count, len(text) - 1)]
    return (text.rpartition(" ")[0] or text) + _CUT
