"""What a worker's threads take next: of an owner's first jobs, and of what may wait."""

import threading
from collections import deque
from queue import PriorityQueue
from typing import Any

_SHARE = 8
"""While both wait, one job that may wait starts after so many others: it never starves."""
_RESERVING = 4
"""Of so many threads or more one is kept from jobs that may wait, which may take long."""


class WorkQueue(PriorityQueue[Any]):
    """Messages that a worker holds, in the order of their coming; those of a priority over 0 last.

    Dramatiq's own lets these wait for as long as any other comes, and then fills all threads.
    """

    def __init__(self, threads: int) -> None:
        self._ahead: deque[Any] = deque()
        self._behind: deque[Any] = deque()
        self._passed = 0
        self._running: set[int] = set()
        self._most = threads - (threads >= _RESERVING)
        self._mixed = False
        super().__init__()

    def _put(self, item: Any) -> None:
        self._mixed |= not item.priority
        (self._behind if item.priority else self._ahead).append(item)

    def _qsize(self) -> int:
        """How many may start."""
        return len(self._ahead) + (len(self._behind) if self._room() else 0)

    def _room(self) -> bool:
        """Whether one more of those behind may start; a worker that has no others keeps no room."""
        return not self._mixed or len(self._running) < self._most

    def _get(self) -> Any:
        if self._ahead and not (self._behind and self._room() and self._passed >= _SHARE):
            self._passed += bool(self._behind)
            return self._ahead.popleft()
        self._passed = 0
        self._running.add(threading.get_ident())
        return self._behind.popleft()

    def task_done(self) -> None:
        """The thread is through with what it took."""
        with self.mutex:
            self._running.discard(threading.get_ident())
            self.not_empty.notify()
        super().task_done()
