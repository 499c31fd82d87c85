"""Lets the owners in an overflow queue take turns."""

import math
import random
import threading
import time
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any

from keepsake.jobs.indexes import JOBS
from keepsake.jobs.job import NOTIFICATION_FIELDS, Job
from keepsake.jobs.records import Records
from keepsake.storage import Document, translated

_OWNERS = 16
"""Owners that are looked up at once."""
_AHEAD = 64
"""Jobs that are looked up at once, over all owners, of which two processes rarely take the same."""
_FRESH_SECONDS = 0.05
"""For how long a process names jobs without reading again; others claim some of them meanwhile."""


@dataclass(slots=True)
class OwnerQueue:
    """The jobs that waited in an overflow queue when they were read last.

    jobs: of each owner one, then of each another; None while a lone owner's were not asked for.
    last: the owner who was served last. shared: whether several owners wait, or one with jobs of
    both priorities.
    """

    jobs: deque[Job] | None = None
    last: str = ""
    shared: bool = False
    at: float = -math.inf

    @property
    def old(self) -> bool:
        """Whether MongoDB is to be asked again."""
        spent = self.shared and not self.jobs
        return spent or time.monotonic() - self.at > _FRESH_SECONDS


class FairScheduler:
    """Names jobs that wait in an overflow queue, one of each owner in turn.

    The messages of an overflow queue stand in the order of acceptance, so one owner's may stand
    after ten thousand of another's. Hence such a message says only that there is work; which job
    runs next is decided here. Any number of processes may decide: a claim settles it. They name an
    owner's oldest jobs in random order, so that they rarely try to claim the same.
    """

    def __init__(self, records: Records) -> None:
        self._jobs = records.newest  # else it would name what was claimed a moment ago
        self._known = records.known.whole
        self._rules = records.owner_rules
        self._lock = threading.Lock()
        self._queues: dict[str, OwnerQueue] = {}

    def next(self, queue: str) -> Job | None:
        """The next job; None while it is each message's own: one owner waits, with one priority.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        shared = self._queues.setdefault(queue, OwnerQueue()).shared
        if not self._lock.acquire(blocking=shared):
            return None  # another thread reads, and as far as is known one owner waits alone
        try:
            line = self._queues[queue]
            if line.old:
                line = self._look(queue, line.last)
            if not (line.shared and line.jobs):
                return None
            job = line.jobs.popleft()
            line.last = job.owner
        finally:
            self._lock.release()
        return job

    def any(self, queue: str, tried: Collection[str]) -> Job | None:
        """One of those that wait now, of a lane that was not tried.

        For a message whose own job was served already, in the turn of another.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with self._lock:
            line = self._queues.setdefault(queue, OwnerQueue())
            if line.old or line.jobs is None:
                line, left = self._look(queue, line.last, alone=True), False
            else:
                left = bool(line.jobs)
            job = _last_untried(line, tried)
            if job is None and left:  # what was read before is taken by now: there may be more
                job = _last_untried(self._look(queue, line.last, alone=True), tried)
        return job

    def _look(self, queue: str, last: str, *, alone: bool = False) -> OwnerQueue:
        """Read what waits. alone: also the jobs of an owner that waits alone."""
        line = OwnerQueue(last=last, at=time.monotonic())
        try:
            with translated("reading an overflow queue"):
                owners = self._owners(queue, last)
                line.shared = len(owners) > 1 or self._mixed(queue, owners)
                if line.shared or alone:
                    line.jobs = deque(self._oldest(queue, owners))
                    if not line.jobs and owners:  # all another version's: go on after them
                        line.last = owners[-1]
        finally:  # also when it failed: else each waiting thread waits for its own timeout
            self._queues[queue] = line
        return line

    def _owners(self, queue: str, last: str) -> list[str]:
        """The owners after one, in a circle."""
        after = self._owners_in(queue, {"$gt": last}, _OWNERS)
        if len(after) == _OWNERS or not last:
            return after
        return after + self._owners_in(queue, {"$lte": last}, _OWNERS - len(after))

    def _owners_in(self, queue: str, owner: Document, count: int) -> list[str]:
        """The next owners of whom a job may start."""
        full = self._rules.full
        which = {"in_overflow": queue, "owner": owner}
        owners = self._distinct(which, ["in_overflow", "owner"], count + len(full))
        return [each for each in owners if each not in full][:count]

    def _mixed(self, queue: str, owners: Sequence[str]) -> bool:
        """Whether the first owner has jobs of both priorities there."""
        which = {"in_overflow": queue, "owner": {"$in": owners[:1]}}
        return len(self._distinct(which, ["in_overflow", "owner", "priority"], 2)) > 1

    def _distinct(self, which: Document, keys: Sequence[str], count: int) -> list[Any]:
        """The first values of the last key; MongoDB skips from one to the next along the index."""
        stages: list[Document] = [
            {"$match": which},
            {"$sort": dict.fromkeys(keys, 1)},
            {"$group": {"_id": f"${keys[-1]}"}},
            {"$limit": count},
        ]
        return [group["_id"] for group in self._jobs.aggregate(stages)]

    def _oldest(self, queue: str, owners: Sequence[str]) -> list[Job]:
        """The oldest jobs of each, one of each at a time, in one round trip."""
        if not owners:
            return []
        count = -(-_AHEAD // len(owners))
        first, *others = [self._line(queue, owner, count) for owner in owners]
        unions = [{"$unionWith": {"coll": JOBS, "pipeline": line}} for line in others]
        lines: dict[str, list[Job]] = {owner: [] for owner in owners}
        for record in self._jobs.aggregate([*first, *unions]):
            lines[record["owner"]].append(Job(record))
        for line in lines.values():
            random.shuffle(line)  # several processes read the same jobs at about the same time
            line.sort(key=lambda job: job.bulk)
        in_turn = chain.from_iterable(zip_longest(*lines.values()))
        jobs = [job for job in in_turn if job is not None]
        # There may be further owners: serve each of these once before they are read again.
        return jobs[:_OWNERS] if len(owners) == _OWNERS else jobs

    def _line(self, queue: str, owner: str, count: int) -> list[Document]:
        """An owner's oldest jobs, without those of another version among them."""
        return [
            {"$match": {"in_overflow": queue, "owner": owner}},
            {"$sort": {"priority": 1, "accepted": 1}},
            {"$limit": count},
            {"$match": self._known},
            {"$project": NOTIFICATION_FIELDS},
        ]


def _last_untried(line: OwnerQueue, tried: Collection[str]) -> Job | None:
    """Takes one from the far end: `next` of other threads takes from the near one."""
    while line.jobs:
        job = line.jobs.pop()
        if job.lane not in tried:
            return job
    return None
