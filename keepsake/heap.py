"""What glibc keeps of memory that is free. Elsewhere (macOS, musl) nothing is done.

By default each of some threads has an arena, up to eight for each core, and what is free within one
stays with the process.
"""

import ctypes
import sys
from functools import cache

_ARENA_MAX = -8
"""M_ARENA_MAX of malloc.h."""
_ARENAS = 2
"""Python's lock lets one thread at a time allocate, but for what computes outside of it."""


def share_arenas() -> None:
    """Have all threads to come share a few arenas."""
    if (glibc := _glibc()) is not None:
        glibc.mallopt(_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Give the system what is free: after a model was loaded, a quarter of all."""
    if (glibc := _glibc()) is not None:
        glibc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    known = hasattr(library, "gnu_get_libc_version")
    return library if known else None
