"""Names in memory: found by the words inside them, or when they are misspelt."""

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from keepsake.scanner.parse.text import parts

_BITS = 256
_CANDIDATES = 150
_ALIKE = 0.6
_MOST_WORDS = 2_000
_ONES = np.array([number.bit_count() for number in range(256)])
"""How many bits a byte has set."""

Bits = NDArray[np.uint8]


class FuzzyNames:
    """Finds among the distinct names of an index."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(set(names))
        self._bits = np.stack([_bigrams(name) for name in self.names]) if self.names else None
        self._by_part: dict[str, set[int]] = {}
        for number, name in enumerate(self.names):
            for part in parts(name):
                self._by_part.setdefault(part, set()).add(number)
        self._parts = sorted(self._by_part)

    def with_parts(self, query: str) -> list[str]:
        """The names in which every word of the query begins some word, shortest first."""
        wanted = parts(query)
        matches = [self._begun(part) for part in wanted]
        numbers = set.intersection(*matches) if matches else set[int]()
        return sorted(
            (self.names[number] for number in numbers), key=lambda name: (len(name), name)
        )

    def alike(self, query: str) -> list[tuple[str, float]]:
        """The names that are spelt much like the query, with how much, best first."""
        if self._bits is None:
            return []
        wanted = _bigrams(query)
        shared = _ONES[self._bits & wanted].sum(1)
        sizes = _ONES[self._bits].sum(1) + _ONES[wanted].sum()
        order = np.argsort(-(2 * shared / np.maximum(sizes, 1)), kind="stable")[:_CANDIDATES]
        return _ranked(query, [self.names[number] for number in order])

    def _begun(self, part: str) -> set[int]:
        first = bisect_left(self._parts, part)
        numbers = set[int]()
        for word in self._parts[first : first + _MOST_WORDS]:
            if not word.startswith(part):
                break
            numbers |= self._by_part[word]
        return numbers


def _ranked(query: str, names: Sequence[str]) -> list[tuple[str, float]]:
    matcher = difflib.SequenceMatcher(b=query.lower(), autojunk=False)
    scored = []
    for name in names:
        matcher.set_seq1(name.lower())
        if matcher.quick_ratio() >= _ALIKE and (ratio := matcher.ratio()) >= _ALIKE:
            scored.append((name, ratio))
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


def _bigrams(name: str) -> Bits:
    """A bit for each pair of neighbouring characters."""
    bits = np.zeros(_BITS, dtype=bool)
    padded = f"^{name.lower()}$".encode()
    for first, second in pairwise(padded):
        bits[(first * 31 + second) % _BITS] = True
    return np.packbits(bits)
