"""Sets of trigrams: they say which texts may hold what is looked for, before any text is read.

A trigram is three bytes of a text in lower case, as a number of 16 bits. Two may have one number:
whoever finds a text by its set looks into the text.
"""

import numpy as np
from numpy.typing import NDArray

Trigrams = NDArray[np.uint16]
"""Numbers of trigrams, each once, in order."""
WIDTH = 3
NUMBERS = 1 << 16
_MIX = np.uint32(0x9E3779B1)
"""The golden ratio's bits: neighbours get numbers that are far apart."""
_ALSO_LETTERS = (
    ("\N{KELVIN SIGN}".encode(), b"k"),
    ("\N{LATIN SMALL LETTER LONG S}".encode(), b"s"),
)
"""What matches a letter of ASCII where case makes no difference, and is none."""
_SKIP = 255


def folded(text: bytes) -> bytes:
    """A text in which the case of ASCII's letters makes no difference."""
    low = text.lower()
    for sign, letter in _ALSO_LETTERS:
        low = low.replace(sign, letter)
    return low


def trigrams(text: bytes) -> Trigrams:
    """The set of a text."""
    codes = np.frombuffer(folded(text), dtype=np.uint8).astype(np.uint32)
    if len(codes) < WIDTH:
        return np.zeros(0, dtype=np.uint16)
    joined = codes[:-2] << np.uint32(16) | codes[1:-1] << np.uint32(8) | codes[2:]
    there = np.zeros(NUMBERS, dtype=np.bool_)
    there[(joined * _MIX) >> np.uint32(16)] = True
    return np.flatnonzero(there).astype(np.uint16)


def packed(numbers: Trigrams) -> bytes:
    """A set in about a byte a number: how far each is from the one before, 255 for 255 more."""
    steps = np.diff(numbers.astype(np.int64), prepend=-1)
    skips, rest = np.divmod(steps, _SKIP)
    out = np.full(int((skips + 1).sum()), _SKIP, dtype=np.uint8)
    out[np.cumsum(skips + 1) - 1] = rest
    return out.tobytes()


def unpacked(raw: bytes) -> Trigrams:
    """The set again."""
    steps = np.frombuffer(raw, dtype=np.uint8)
    places = np.cumsum(steps, dtype=np.int64) - 1
    numbers: Trigrams = places[steps != _SKIP].astype(np.uint16)
    return numbers
