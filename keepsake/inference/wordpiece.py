"""The tokeniser of uncased BERT models.

The package `tokenizers` would bring a client that downloads models.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from string import punctuation

_UNKNOWN, _START, _END = "[UNK]", "[CLS]", "[SEP]"
_CONTINUED = "##"
_MAX_WORD_CHARS = 100
_SPACES, _DROPPED = "\t\n\r", "\ufffd"
_IDEOGRAPHS = (
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0x2F800, 0x2FA1F),
)  # fmt: skip


class WordPiece:
    """The tokeniser of uncased BERT models: the longest pieces that its vocabulary knows.

    Source: BertNormalizer, BertPreTokenizer and WordPiece of Hugging Face's tokenizers 0.23.
    A special token that is written out in a text, such as `[SEP]`, is read as ordinary characters.
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._most_chars = max(map(len, self._numbers))

    def numbers(self, text: str, at_most: int) -> list[int]:
        """The numbers of a text's pieces, between a start and an end; what is over is left out."""
        pieces = islice(self._pieces(text), at_most - 2)
        return [self._numbers[piece] for piece in (_START, *pieces, _END)]

    def _pieces(self, text: str) -> Iterator[str]:
        for word in "".join(map(_normalised, text)).split():
            yield from self._split(word)

    def _split(self, word: str) -> list[str]:
        """A word's pieces; one unknown piece for a word that has no split or is too long."""
        pieces: list[str] = []
        start = 0
        while start < len(word) <= _MAX_WORD_CHARS:
            piece = self._longest(word, start)
            if not piece:
                break
            pieces.append(piece)
            start += len(piece) - (len(_CONTINUED) if start else 0)
        return pieces if start == len(word) else [_UNKNOWN]

    def _longest(self, word: str, start: int) -> str:
        prefix = _CONTINUED if start else ""
        ends = range(min(len(word), start + self._most_chars), start, -1)
        return next((p for end in ends if (p := prefix + word[start:end]) in self._numbers), "")


@lru_cache(maxsize=4096)
def _normalised(char: str) -> str:
    """One character in lower case without accents; spaces part words and stand round marks."""
    if char in _SPACES or unicodedata.category(char).startswith("Z"):
        return " "
    if char in _DROPPED or unicodedata.category(char) in {"Cc", "Cf", "Co"}:
        return ""
    if any(first <= ord(char) <= last for first, last in _IDEOGRAPHS):
        return f" {unicodedata.normalize('NFD', char)} "
    letters = (c for c in unicodedata.normalize("NFD", char) if unicodedata.category(c) != "Mn")
    return "".join(f" {c} " if _is_mark(c) else c.lower() for c in letters)


def _is_mark(char: str) -> bool:
    return char in punctuation or unicodedata.category(char).startswith("P")
