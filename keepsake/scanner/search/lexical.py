"""BM25 over symbols, exact and in memory: identifiers are split, postings are sorted arrays."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from keepsake.scanner.parse.text import words

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_K1, _B = 0.9, 0.4
_SHIFT = 32


class Vocabulary(dict[str, int]):
    """Numbers for words, shared by the generations of an index."""

    def __missing__(self, word: str) -> int:
        """Number a new word."""
        self[word] = number = len(self)
        return number

    def numbers(self, text: str) -> list[int]:
        """The words of a text as numbers."""
        return [self[word] for word in words(text)]


class Lexical:
    """The postings of some documents, each given as the numbers of its words."""

    def __init__(self, lengths: Ints, terms: Ints) -> None:
        documents = np.repeat(np.arange(len(lengths)), lengths)
        pairs, counts = np.unique((terms << _SHIFT) | documents, return_counts=True)
        self._terms, self._documents = pairs >> _SHIFT, pairs & ((1 << _SHIFT) - 1)
        self._size = len(lengths)
        mean = lengths.mean() if len(lengths) and lengths.any() else 1.0
        norms = _K1 * (1 - _B + _B * lengths / mean)
        self._weights = counts * (_K1 + 1) / (counts + norms[self._documents])

    @property
    def bytes(self) -> int:
        """What it takes in memory."""
        return int(self._terms.nbytes + self._documents.nbytes + self._weights.nbytes)

    def scores(self, terms: Sequence[int]) -> Floats:
        """A score per document."""
        scores = np.zeros(self._size)
        for term in set(terms):
            first, last = np.searchsorted(self._terms, [term, term + 1])
            if first == last:
                continue
            rarity = np.log1p((self._size - (last - first) + 0.5) / (last - first + 0.5))
            scores[self._documents[first:last]] += rarity * self._weights[first:last]
        return scores
