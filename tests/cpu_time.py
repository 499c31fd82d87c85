"""What a piece of work costs, whatever else the machine does meanwhile."""

import gc
import resource
from collections.abc import Iterator
from contextlib import contextmanager

_WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@contextmanager
def cpu_under(seconds: float, what: object = None) -> Iterator[None]:
    """Of this process, and of the children that end within the block; what: the piece of work.

    Garbage is not looked for meanwhile: that costs by what all other tests hold.
    """
    gc.disable()
    try:
        before = _cpu_seconds()
        yield
        used = _cpu_seconds() - before
    finally:
        gc.enable()
    assert used < seconds, what


def _cpu_seconds() -> float:
    used = [resource.getrusage(whose) for whose in _WHOSE]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
