"""BM25 over a user's memories: stemmed words, without stop words."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import Stemmer

from memory.embedding import Vector

_K1, _B = 0.9, 0.4
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_STOP_WORDS = (
    "a an and are as at be been but by did do does for from had has have he her his i in is it "
    "its me my of on or our she so that the their them they this to was we were what when where "
    "which who will with would you your"
)
_STOP = frozenset(_STOP_WORDS.split())
_stem = Stemmer.Stemmer("english")


def terms(text: str) -> list[str]:
    """The stems of a text's words; all words when nothing but stop words is there."""
    words = _WORD.findall(text.lower())
    telling = [word for word in words if word not in _STOP]
    stems: list[str] = _stem.stemWords(telling or words)
    return stems


def bm25(query: str, documents: Sequence[str]) -> Vector:
    """A score per document (Robertson and Zaragoza 2009)."""
    bags = [Counter(terms(document)) for document in documents]
    lengths = np.array([sum(bag.values()) for bag in bags], dtype=np.float32)
    weight = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1.0))
    scores = np.zeros(len(bags), dtype=np.float32)
    for term in set(terms(query)):
        counts = np.array([bag[term] for bag in bags], dtype=np.float32)
        with_term = int((counts > 0).sum())
        rarity = math.log(1 + (len(bags) - with_term + 0.5) / (with_term + 0.5))
        scores += np.float32(rarity) * counts * (_K1 + 1) / (counts + weight)
    return scores
