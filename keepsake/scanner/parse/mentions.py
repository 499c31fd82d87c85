"""The words of a text that no grammar reads whole: where a name may stand that no use tells of.

A set of words is the sorted CRC-32s of them, four bytes each: small, and soon looked at.
"""

from array import array
from bisect import bisect_left
from zlib import crc32

_LAST_ASCII = 0x7F
_SPACES = bytes(
    byte if byte > _LAST_ASCII or chr(byte).isalnum() or byte == ord("_") else ord(" ")
    for byte in range(256)
)


def word_set(text: bytes) -> bytes:
    """All words of a text."""
    return array("I", sorted(set(map(crc32, _words(text))))).tobytes()


def mentions(words: bytes, name: str) -> bool:
    """Whether a text of these words may have a name: all words of it stand somewhere."""
    hashes = array("I", words)
    return all(_holds(hashes, crc32(word)) for word in _words(name.encode()))


def _words(text: bytes) -> set[bytes]:
    return set(text.translate(_SPACES).split())


def _holds(hashes: "array[int]", wanted: int) -> bool:
    number = bisect_left(hashes, wanted)
    return number < len(hashes) and hashes[number] == wanted
