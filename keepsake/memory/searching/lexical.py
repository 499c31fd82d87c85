"""BM25 over a user's memories: stemmed words, without stop words, in growing postings."""

import math
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import Stemmer
from numpy.typing import NDArray

from keepsake.inference.embedding import Vector
from keepsake.memory.searching.growable_array import Growing

_K1, _B = 0.9, 0.4
_SESSION_K1, _SESSION_B = 1.2, 0.75
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")
_STOP_WORDS = (
    "a about all am an and any are as at be been being but by can could did do does doing done "
    "don't didn't for from get got had has have he her him his how i i'm i've if in into is it "
    "it's its just like many may me might more most much my no not of on or our really s she "
    "should so some t than that that's the their them then there these they this those to us was "
    "we were what when where which who whom whose why will with would yes you your"
)
_STOP = frozenset(_STOP_WORDS.split())
_local = threading.local()

Rows = NDArray[np.int32]
_Run = tuple[NDArray[np.int64], Vector]
_ROW_BITS, _ROW_MASK = 32, (1 << 32) - 1
_TERM_BYTES = 150


def terms(text: str) -> list[str]:
    """The stems of a text's words; all words when nothing but stop words is there."""
    plain = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    words = [word.removesuffix("'s") for word in _WORD.findall(plain)]
    telling = [word for word in words if word not in _STOP]
    return [stem for word in telling or words for stem in _stems(word)]


class Postings:
    """Which documents have a term, and how often. Documents are only ever added.

    An entry's key is its term's number and its document's row in one integer. Entries are kept in
    sorted runs, each more than twice as long as the next: adding a document merges few of them, and
    a term's entries lie side by side in each.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._runs: list[_Run] = []
        self._lengths = Growing(np.float32)

    @property
    def size_bytes(self) -> int:
        """About what it takes."""
        entries = sum(keys.nbytes + often.nbytes for keys, often in self._runs)
        return entries + self._lengths.size_bytes + len(self._numbers) * _TERM_BYTES

    def extend(self, documents: Sequence[Sequence[str]]) -> Vector:
        """Add documents; the numbers of their words are returned."""
        first, lengths = (
            len(self._lengths.values),
            np.array([len(words) for words in documents], "f4"),
        )
        numbers = np.array([self._number(word) for words in documents for word in words], np.int64)
        rows = np.repeat(np.arange(first, first + len(documents)), lengths.astype(np.int64))
        keys, often = np.unique(numbers << _ROW_BITS | rows, return_counts=True)
        self._runs.append((keys, often.astype(np.float32)))
        while len(self._runs) > 1 and len(self._runs[-2][0]) <= 2 * len(self._runs[-1][0]):
            self._runs.append(_merged(self._runs.pop(), self._runs.pop()))
        self._lengths.extend(lengths)
        return lengths

    def scores(self, query: Iterable[str]) -> Vector:
        """BM25 (Robertson and Zaragoza 2009) of every document."""
        lengths = self._lengths.values
        norm = _norm(lengths, _K1, _B)
        scores = np.zeros(len(lengths), dtype=np.float32)
        for rows, often in self._found(query):
            weight = _rarity(len(lengths), len(rows)) * (_K1 + 1)
            scores[rows] += weight * often / (often + norm[rows])
        return scores

    def group_scores(self, query: Iterable[str], group: Rows, groups: int) -> Vector:
        """BM25 of every group of documents (-1: none), as if each were one document."""
        inside = group >= 0
        totals = np.bincount(group[inside], self._lengths.values[inside], groups).astype(np.float32)
        norm = _norm(totals, _SESSION_K1, _SESSION_B)
        scores = np.zeros(groups, dtype=np.float32)
        for rows, often in self._found(query):
            kept = group[rows] >= 0
            counts = np.bincount(group[rows[kept]], often[kept], groups).astype(np.float32)
            weight = _rarity(groups, int((counts > 0).sum())) * (_SESSION_K1 + 1)
            scores += np.float32(weight) * counts / (counts + norm)
        return scores

    def _number(self, term: str) -> int:
        return self._numbers.setdefault(term, len(self._numbers))

    def _found(self, query: Iterable[str]) -> Iterator[tuple[NDArray[np.int64], Vector]]:
        """The rows that have a term, and how often, for each of the terms that are known."""
        for number in sorted({self._numbers[term] for term in query if term in self._numbers}):
            ends = np.array([number, number + 1]) << _ROW_BITS
            within = [(run, slice(*np.searchsorted(run[0], ends))) for run in self._runs]
            rows = np.concatenate([keys[part] for (keys, _), part in within]) & _ROW_MASK
            yield rows, np.concatenate([often[part] for (_, often), part in within])


def _merged(one: _Run, other: _Run) -> _Run:
    keys = np.concatenate([one[0], other[0]])
    order = np.argsort(keys, kind="stable")  # which merges what is sorted already
    return keys[order], np.concatenate([one[1], other[1]])[order]


def _norm(lengths: Vector, k1: float, b: float) -> Vector:
    mean = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
    norm: Vector = (k1 * (1 - b + b * lengths / mean)).astype(np.float32)
    return norm


def _rarity(documents: int, having: int) -> float:
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))


@lru_cache(maxsize=1 << 16)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(_stemmer().stemWords(list(_parts(word))))


def _parts(word: str) -> Iterator[str]:
    """Scripts without spaces in pairs of characters."""
    if not _UNSPACED.fullmatch(word) or len(word) <= 2:  # noqa: PLR2004 - a pair
        yield word
        return
    yield from (word[at : at + 2] for at in range(len(word) - 1))


def _stemmer() -> Stemmer.Stemmer:
    """One per thread: they keep state."""
    if not hasattr(_local, "stemmer"):
        _local.stemmer = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _local.stemmer
    return stemmer
