"""How fast a worker empties a queue: the fill, the start of the workers, and the sampling."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_SAMPLE_SECONDS = 0.01
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Drain:
    """A queue that was emptied: `jobs` in `seconds`, from the first to the last."""

    jobs: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Jobs in a second."""
        return self.jobs / self.seconds


def watch(left: Callable[[], int], total: int) -> Drain:
    """Sample how many jobs are left, from the first that is done until none is.

    The start of the worker is not measured: the clock runs from the first sample below `total`.

    Raises:
        TimeoutError: Something is still left after two minutes.
    """
    pause, patience = threading.Event(), time.monotonic() + _PATIENCE_SECONDS
    first: tuple[float, int] | None = None
    while (now := left()) > 0:
        if first is None and now < total:
            first = (time.perf_counter(), now)
        if time.monotonic() > patience:
            raise TimeoutError(f"{now} of {total} jobs are left")
        pause.wait(_SAMPLE_SECONDS)
    if first is None:
        raise TimeoutError("the queue was empty at once: nothing was measured")
    return Drain(first[1], time.perf_counter() - first[0])
