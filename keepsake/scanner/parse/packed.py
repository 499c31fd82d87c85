"""What passes from a parser's process to the store: BSON that nobody between needs to read."""

from dataclasses import dataclass
from typing import Any

import bson


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
    counts = {"skip": None, "symbol_count": 0, "reference_count": 0}
    return Packed(counts | {"failed": reason}, bson.encode({**counts, "failed": reason}))
