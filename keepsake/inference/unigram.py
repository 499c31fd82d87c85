"""The tokeniser of XLM-RoBERTa, and so of the models that were trained from it."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import inf

_START, _END, _UNKNOWN = 0, 2, 3
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_BEGINS = "\u2581"
"""What stands for the space before a word."""
_UNKNOWN_BEHIND = 10.0
"""How much less likely a character of no piece is than any piece."""


class Unigram:
    """A text's most probable pieces: SentencePiece's Unigram model, by Viterbi over each word.

    No piece has a space within it, so words are split one by one. A special token that is written
    out in a text, such as `</s>`, is read as ordinary characters.

    Source: Kudo, "Subword Regularization", ACL 2018.
    """

    def __init__(
        self, pieces: Sequence[str], scores: Sequence[float], characters: Mapping[str, str]
    ) -> None:
        """Take a vocabulary with the logarithms of its probabilities.

        characters: what some characters are written as before a text is split.
        """
        self._numbers = {piece: number for number, piece in enumerate(pieces)
                         if piece not in _SPECIAL}  # fmt: skip
        self._scores = scores
        self._most_chars = max(map(len, self._numbers))
        self._unknown = min(scores) - _UNKNOWN_BEHIND
        self._characters = str.maketrans(dict(characters))

    def numbers(self, text: str, at_most: int) -> list[int]:
        """The numbers of a text's pieces, between a start and an end; what is over is left out."""
        return [_START, *islice(self._pieces(text), at_most - 2), _END]

    def _pieces(self, text: str) -> Iterator[int]:
        written = unicodedata.normalize("NFC", text).translate(self._characters)
        for word in filter(None, written.split(" ")):
            yield from self._split(_BEGINS + word)

    def _split(self, word: str) -> list[int]:
        """The most probable pieces of a word; a character of none is an unknown one."""
        best, last = [0.0, *[-inf] * len(word)], [(0, _UNKNOWN)] * (len(word) + 1)
        for start in range(len(word)):
            for end, number, score in self._from(word, start):
                if best[start] + score > best[end]:
                    best[end], last[end] = best[start] + score, (start, number)
        split: list[int] = []
        end = len(word)
        while end:
            end, number = last[end]
            split.append(number)
        return split[::-1]

    def _from(self, word: str, start: int) -> Iterator[tuple[int, int, float]]:
        """The pieces that begin at a place: where each ends, its number and its score."""
        for end in range(start + 1, min(start + self._most_chars, len(word)) + 1):
            number = self._numbers.get(word[start:end])
            if number is not None:
                yield end, number, self._scores[number]
        yield start + 1, _UNKNOWN, self._unknown
