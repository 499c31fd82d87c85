"""How long a batch may wait for parsers that die of it."""

from threading import Lock

_LIMITS = 6
"""All that a batch may lose, in times that one question may take."""
_SHARE = 4
_LEAST = 0.05


class RetryBudget:
    """Threads may share it. What dies at once costs little; what hangs soon uses it up."""

    def __init__(self, limit_seconds: float) -> None:
        self.limit, self._left = limit_seconds, _LIMITS * limit_seconds
        self._lock = Lock()

    @property
    def share(self) -> float:
        """What another try of one file may take: at first the limit, then less and less."""
        return min(self.limit, self._left / _SHARE)

    @property
    def gone(self) -> bool:
        """Whether no other try is worth its time."""
        return self.share < _LEAST * self.limit

    def lose(self, seconds: float) -> None:
        """Count a try that failed."""
        with self._lock:
            self._left -= seconds
