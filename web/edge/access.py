"""One line for each request: what was asked, by whom, how it went; no path, no user's text."""

import hashlib
import logging
import time
from functools import lru_cache

from starlette.types import Scope

_log = logging.getLogger("keepsake.access")


def log(scope: Scope, status: int, began: float) -> None:
    """Tell of a request; `began` is by `time.perf_counter`."""
    state = scope["state"]
    principal = state.get("principal")
    about = {
        "request_id": state["request_id"],
        "method": scope["method"],
        "route": getattr(scope.get("route"), "path", None),
        "status": status,
        "duration_ms": round((time.perf_counter() - began) * 1000, 2),
        "owner_hash": hashed(principal.owner) if principal else None,
    }
    _log.info("request", extra=about)


@lru_cache(maxsize=10_000)
def hashed(owner: str) -> str:
    """Which owner it was, for whoever knows the owner; the log names none."""
    return hashlib.sha256(owner.encode()).hexdigest()[:16]
