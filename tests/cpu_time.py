"""What a piece of work costs, whatever else the machine does meanwhile."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

_WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@contextmanager
def cpu_under(seconds: float) -> Iterator[None]:
    """Of this process, and of the children that end within the block."""
    before = _cpu_seconds()
    yield
    assert _cpu_seconds() - before < seconds


def _cpu_seconds() -> float:
    used = [resource.getrusage(whose) for whose in _WHOSE]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
