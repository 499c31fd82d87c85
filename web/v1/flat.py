"""The flat answers of XMem's scanner: `status` beside the fields, the reason in `error`."""

from typing import Any


def failure(reason: str) -> dict[str, Any]:
    """What a client gets instead of an answer."""
    return {"status": "error", "error": reason}
