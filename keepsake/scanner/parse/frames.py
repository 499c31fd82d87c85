"""What passes between a parser's process and its owner: a length, then JSON, then raw bytes."""

import json
import struct
from typing import IO, Any

_LENGTHS = struct.Struct(">QQ")


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
