"""How the vectors of a document are stored: float32, since arrays of numbers are 3 times bigger.

A lone vector has BSON's own form for one (subtype 9), which MongoDB Atlas can index; those of a
long turn's passages stand one after the other.
"""

from collections.abc import Sequence

import numpy as np
from bson.binary import VECTOR_SUBTYPE, Binary

from keepsake.inference.embedding import DIMENSIONS, Vector

_FLOAT32 = b"\x27\x00"
"""The header that says float32, and no bits to be ignored."""
_VECTOR_BYTES = 4 * DIMENSIONS
"""What a vector takes; a header is what is over."""


def packed(vectors: Vector) -> Binary:
    """Vectors for a document, a row each."""
    raw = vectors.astype("<f4").tobytes()
    return Binary(_FLOAT32 + raw, VECTOR_SUBTYPE) if len(vectors) == 1 else Binary(raw)


def is_lone(stored: bytes) -> bool:
    """Whether it is a lone vector in BSON's own form."""
    return isinstance(stored, Binary) and stored.subtype == VECTOR_SUBTYPE


def count(stored: bytes) -> int:
    """How many vectors a document has."""
    return len(stored) // _VECTOR_BYTES


def unpacked(stored: bytes) -> Vector:
    """The vectors of a document, a row each."""
    return joined([stored])


def joined(stored: Sequence[bytes]) -> Vector:
    """The vectors of many documents, a row each, without a copy for each."""
    raw = b"".join(memoryview(one)[len(one) % _VECTOR_BYTES :] for one in stored)
    rows: Vector = np.frombuffer(raw, dtype="<f4").reshape(-1, DIMENSIONS)
    return rows
