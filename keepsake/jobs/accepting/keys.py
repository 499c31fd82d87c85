"""Idempotency keys: what makes two requests the same one. Pure."""

import hashlib
import json
import re
from typing import Any

from keepsake.jobs.errors import KeyMalformed

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def fingerprint(payload: Any) -> str:
    """A hash of a JSON value that does not depend on the order of keys."""
    return hashlib.sha256(_CANONICAL.encode(payload).encode()).hexdigest()


def checked(key: str) -> str:
    """A client's key; surrounding double quotes (RFC 8941 strings) are taken off.

    Raises:
        KeyMalformed: It is empty, longer than 255 or not printable ASCII.
    """
    bare = key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
    if not _KEY.fullmatch(bare):
        raise KeyMalformed("an idempotency key is 1 to 255 printable ASCII characters, no spaces")
    return bare


def key_slot(owner: str, job_type: str, key: str, *, derived: bool) -> str:
    """What a key occupies: unique among the jobs that hold one."""
    kind = "derived" if derived else "given"
    return fingerprint([kind, owner, job_type, key])


def lane(*parts: str) -> str:
    """An opaque name for a lane; it travels through the broker, so it tells nothing."""
    return fingerprint(["lane", *parts])[:32]
