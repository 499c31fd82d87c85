"""BM25 over a user's memories: stemmed words, without stop words, in growing postings."""

import math
import re
import threading
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import Stemmer
from numpy.typing import NDArray

from memory.embedding import Vector

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


def terms(text: str) -> list[str]:
    """The stems of a text's words; all words when nothing but stop words is there."""
    words = [
        _bare(word)
        for word in _WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    ]
    telling = [word for word in words if word not in _STOP]
    stems: list[str] = _stemmer().stemWords([part for w in telling or words for part in _parts(w)])
    return stems


class Postings:
    """Which documents have a term, and how often. Documents are only ever added."""

    def __init__(self) -> None:
        self._postings: dict[str, tuple[array[int], array[int]]] = {}
        self._lengths = array("i")
        self.entries = 0

    def add(self, words: Iterable[str]) -> int:
        """Add a document; its number of words is returned."""
        counts, row = Counter(words), len(self._lengths)
        for term, count in counts.items():
            rows, often = self._postings.setdefault(term, (array("i"), array("i")))
            rows.append(row)
            often.append(count)
        self._lengths.append(counts.total())
        self.entries += len(counts)
        return counts.total()

    def scores(self, query: Iterable[str]) -> Vector:
        """BM25 (Robertson and Zaragoza 2009) of every document."""
        lengths = np.array(self._lengths, dtype=np.float32)
        norm = _norm(lengths, _K1, _B)
        scores = np.zeros(len(lengths), dtype=np.float32)
        for rows, often in self._found(query):
            weight = _rarity(len(lengths), len(rows)) * (_K1 + 1)
            scores[rows] += weight * often / (often + norm[rows])
        return scores

    def group_scores(self, query: Iterable[str], group: Rows, groups: int) -> Vector:
        """BM25 of every group of documents (-1: none), as if each were one document."""
        inside = group >= 0
        lengths = np.array(self._lengths, dtype=np.float32)
        totals = np.bincount(group[inside], lengths[inside], groups).astype(np.float32)
        norm = _norm(totals, _SESSION_K1, _SESSION_B)
        scores = np.zeros(groups, dtype=np.float32)
        for rows, often in self._found(query):
            kept = group[rows] >= 0
            counts = np.bincount(group[rows[kept]], often[kept], groups).astype(np.float32)
            weight = _rarity(groups, int((counts > 0).sum())) * (_SESSION_K1 + 1)
            scores += np.float32(weight) * counts / (counts + norm)
        return scores

    def _found(self, query: Iterable[str]) -> Iterator[tuple[Rows, Vector]]:
        for term in sorted(set(query)):
            if term in self._postings:
                rows, often = self._postings[term]
                yield np.array(rows, dtype=np.int32), np.array(often, dtype=np.float32)


def _norm(lengths: Vector, k1: float, b: float) -> Vector:
    mean = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
    norm: Vector = (k1 * (1 - b + b * lengths / mean)).astype(np.float32)
    return norm


def _rarity(documents: int, having: int) -> float:
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))


def _bare(word: str) -> str:
    return word.removesuffix("'s")


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
