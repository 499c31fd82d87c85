"""Identifiers: opaque outside, ordered by time inside."""

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """A new id such as `job_0k3v…`: 48 bits of milliseconds, then 80 random bits.

    The layout is ULID's (Crockford's base 32), lower case; ids made later sort later, which
    keeps an index's inserts at its right edge.
    """
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    digits = [_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5)]
    return f"{prefix}_{''.join(digits)}"
