"""What passes between a parser's process and its owner: frames, and packed blobs in them.

A frame is two lengths, JSON and raw bytes. A packed blob is BSON that goes to the store unread.
"""

import json
import struct
from dataclasses import dataclass
from typing import IO, Any

import bson

_LENGTHS = struct.Struct(">QQ")


@dataclass(frozen=True, slots=True)
class Packed:
    """A record as it will be stored; only the parser's process made objects of it."""

    counts: dict[str, Any]
    fields: bytes
    """BSON."""
    text: bytes = b""
    """In UTF-8, compressed; empty where none is shown."""


def failed_blob(reason: str) -> Packed:
    """What is stored of a blob that could not be parsed: the next scan tries again."""
    counts: dict[str, Any] = {
        "skip": None, "symbol_count": 0, "embedded_count": 0, "reference_count": 0, "partial": [],
    }  # fmt: skip
    return Packed(counts | {"failed": reason}, bson.encode({**counts, "failed": reason}))


def write_frame(stream: IO[bytes], header: Any, raw: bytes = b"") -> None:
    """Write one frame and flush it."""
    encoded = json.dumps(header, separators=(",", ":")).encode()
    stream.write(_LENGTHS.pack(len(encoded), len(raw)) + encoded + raw)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[Any, bytes] | None:
    """Read one frame; None at the end of the stream."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header_size, raw_size = _LENGTHS.unpack(lengths)
    header, raw = stream.read(header_size), stream.read(raw_size)
    if len(header) < header_size or len(raw) < raw_size:
        return None
    return json.loads(header), raw
