"""Whose turn it is among the owners whose doorbells wait in an overflow queue."""

import math
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from jobs.job import RUNG, Job
from jobs.records import Records
from storage.errors import translated

_AHEAD = 16
"""Jobs that are looked up at once, over all owners."""
_FRESH_SECONDS = 0.05


@dataclass(slots=True)
class _Line:
    """Who waits behind, when it was looked at last: of each owner one job, then of each another.

    last: the owner who was served last. shared: whether several owners wait.
    """

    jobs: deque[Job] = field(default_factory=deque)
    last: str = ""
    shared: bool = False
    at: float = -math.inf

    @property
    def old(self) -> bool:
        spent = self.shared and not self.jobs
        return spent or time.monotonic() - self.at > _FRESH_SECONDS


class Turns:
    """Names jobs that wait behind the first ones of their owners, one owner after the other.

    The rings of an overflow queue stand in the order of acceptance, so that one owner's may stand
    behind ten thousand of another's. Hence such a ring says only that there is work, and whose it
    is does not depend on who rang. Any number of processes may look: a job goes to who claims it.
    """

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}

    def next(self, queue: str) -> Job | None:
        """Whose turn it is; None while no two owners wait, and a ring may have its own job.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with self._lock:
            line = self._lines.setdefault(queue, _Line())
            if line.old:
                self._look(queue, line)
            if not (line.shared and line.jobs):
                return None
            job = line.jobs.popleft()
            line.last = job.owner
            return job

    def any(self, queue: str) -> Job | None:
        """One of those that wait now, for a ring whose own job was served in another's turn.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with self._lock:
            line = self._lines.setdefault(queue, _Line())
            self._look(queue, line)
            return random.choice(line.jobs) if line.jobs else None  # noqa: S311 - no secret

    def _look(self, queue: str, line: _Line) -> None:
        line.jobs, line.shared = deque(), False
        line.at = time.monotonic()  # also of a look that fails, lest each thread waits for its own
        with translated("looking whose turn it is"):
            owners = self._owners(queue, line.last)
            each = [self._oldest(queue, owner, -(-_AHEAD // len(owners))) for owner in owners]
        turns = chain.from_iterable(zip_longest(*each))
        line.jobs = deque(job for job in turns if job is not None)
        line.shared = len(owners) > 1

    def _owners(self, queue: str, last: str) -> list[str]:
        """The owners after one, in a circle."""
        owners: list[str] = []
        while len(owners) < _AHEAD and (owner := self._after(queue, last)) not in {None, *owners}:
            owners.append(str(owner))
            last = owners[-1]
        return owners

    def _after(self, queue: str, owner: str) -> str | None:
        for later in ({"$gt": owner}, {"$gt": ""}):
            which = {"behind": queue, "owner": later}
            found = self._jobs.find_one(which, {"owner": 1, "_id": 0}, sort=[("owner", 1)])
            if found is not None:
                return str(found["owner"])
        return None

    def _oldest(self, queue: str, owner: str, count: int) -> list[Job]:
        waiting = self._jobs.find({"behind": queue, "owner": owner}, RUNG)
        return [Job(found) for found in waiting.sort("accepted", 1).limit(count)]
