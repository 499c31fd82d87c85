"""BM25 in memory, for the search in memories and in code. Documents are only ever added.

Words are numbers, since numbers sort and pack. Which words a text has, each caller decides.
"""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from keepsake.inference.layers import Vector

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
_Run = tuple[Ints, Vector]

_K1, _B = 0.9, 0.4
_GROUP_K1, _GROUP_B = 1.2, 0.75
_ROW_BITS, _ROW_MASK = 32, (1 << 32) - 1
_WORD_BYTES = 150


class Vocabulary(dict[str, int]):
    """Numbers for words. Several postings may share one."""

    def __missing__(self, word: str) -> int:
        """Number a new word."""
        self[word] = number = len(self)
        return number

    def numbers(self, words: Iterable[str]) -> list[int]:
        """The words as numbers; new ones get the next."""
        return [self[word] for word in words]


class Postings:
    """Which documents have a word, and how often.

    An entry's key is its word's number and its document's row in one integer. Entries are kept in
    sorted runs, each more than twice as long as the next. So adding a document merges few of them,
    and a word's entries lie side by side in each.
    """

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self.vocabulary = Vocabulary() if vocabulary is None else vocabulary
        self._runs: list[_Run] = []
        self._lengths: Vector = np.zeros(0, dtype=np.float32)

    @property
    def size_bytes(self) -> int:
        """About what it takes, without the vocabulary."""
        entries = sum(keys.nbytes + counts.nbytes for keys, counts in self._runs)
        return entries + self._lengths.nbytes

    @property
    def vocabulary_bytes(self) -> int:
        """About what the vocabulary takes."""
        return len(self.vocabulary) * _WORD_BYTES

    def extend(self, documents: Sequence[Sequence[str]]) -> Vector:
        """Add documents, each given by its words; the numbers of their words are returned."""
        lengths = np.array([len(words) for words in documents], dtype=np.int64)
        numbers = [number for words in documents for number in self.vocabulary.numbers(words)]
        self.extend_numbered(lengths, np.array(numbers, dtype=np.int64))
        return lengths.astype(np.float32)

    def extend_numbered(self, lengths: Ints, numbers: Ints) -> None:
        """Add documents, given by their lengths and the numbers of all their words in a row."""
        first = len(self._lengths)
        rows = np.repeat(np.arange(first, first + len(lengths)), lengths)
        keys, counts = np.unique(numbers << _ROW_BITS | rows, return_counts=True)
        self._runs.append((keys, counts.astype(np.float32)))
        while len(self._runs) > 1 and len(self._runs[-2][0]) <= 2 * len(self._runs[-1][0]):
            self._runs.append(_merged(self._runs.pop(), self._runs.pop()))
        self._lengths = np.concatenate([self._lengths, lengths.astype(np.float32)])

    def scores(self, words: Iterable[str]) -> Vector:
        """BM25 (Robertson and Zaragoza 2009) of every document."""
        norm = _norm(self._lengths, _K1, _B)
        scores = np.zeros(len(self._lengths), dtype=np.float32)
        for rows, counts in self._entries(words):
            weight = _rarity(len(self._lengths), len(rows)) * (_K1 + 1)
            scores[rows] += weight * counts / (counts + norm[rows])
        return scores

    def group_scores(self, words: Iterable[str], group: Rows, groups: int) -> Vector:
        """BM25 of every group of documents (-1: none), as if each were one document."""
        inside = group >= 0
        totals = np.bincount(group[inside], self._lengths[inside], groups).astype(np.float32)
        norm = _norm(totals, _GROUP_K1, _GROUP_B)
        scores = np.zeros(groups, dtype=np.float32)
        for rows, counts in self._entries(words):
            kept = group[rows] >= 0
            sums = np.bincount(group[rows[kept]], counts[kept], groups).astype(np.float32)
            weight = _rarity(groups, int((sums > 0).sum())) * (_GROUP_K1 + 1)
            scores += np.float32(weight) * sums / (sums + norm)
        return scores

    def _entries(self, words: Iterable[str]) -> Iterator[tuple[Ints, Vector]]:
        """The rows that have a word, and how often, for each of the words that are known."""
        known = self.vocabulary
        for number in sorted({known[word] for word in words if word in known}):
            ends = np.array([number, number + 1]) << _ROW_BITS
            within = [(run, slice(*np.searchsorted(run[0], ends))) for run in self._runs]
            if not within:
                continue
            rows = np.concatenate([keys[part] for (keys, _), part in within]) & _ROW_MASK
            yield rows, np.concatenate([counts[part] for (_, counts), part in within])


def _merged(run: _Run, other: _Run) -> _Run:
    keys = np.concatenate([run[0], other[0]])
    order = np.argsort(keys, kind="stable")  # which merges what is sorted already
    return keys[order], np.concatenate([run[1], other[1]])[order]


def _norm(lengths: Vector, k1: float, b: float) -> Vector:
    mean = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
    norm: Vector = (k1 * (1 - b + b * lengths / mean)).astype(np.float32)
    return norm


def _rarity(documents: int, having: int) -> float:
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))
