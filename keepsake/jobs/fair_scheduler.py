"""Lets the owners in an overflow queue take turns."""

import math
import random
import threading
import time
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from keepsake.jobs.indexes import JOBS
from keepsake.jobs.job import NOTIFICATION_FIELDS, Job
from keepsake.jobs.records import Records
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document

_OWNERS = 16
"""Owners that are looked up at once."""
_AHEAD = 64
"""Jobs that are looked up at once, over all owners, of which two processes rarely take the same."""
_FRESH_SECONDS = 0.05


@dataclass(slots=True)
class OwnerQueue:
    """Who waits in_overflow, when it was looked at last.

    jobs: of each owner one, then of each another; None while a lone owner's were not asked for.
    last: the owner who was served last. shared: whether several owners wait.
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
    """Names jobs that wait behind the first ones of their owners, one owner after the other.

    The notifications of an overflow queue stand in the order of acceptance, so one owner's may
    stand after ten thousand of another's. Hence such a notification says only that there is work,
    not whose. Any number of processes may look: a job goes to the first that claims it. Lest they
    try the same jobs, an owner's oldest are named in no order.
    """

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs
        self._known = records.known.whole
        self._lock = threading.Lock()
        self._queues: dict[str, OwnerQueue] = {}

    def next(self, queue: str) -> Job | None:
        """Whose turn it is; None while no two owners wait: a notification may have its own job.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        shared = self._queues.setdefault(queue, OwnerQueue()).shared
        if not self._lock.acquire(blocking=shared):
            return None  # another thread looks, and as far as is known one owner waits alone
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

        For a notification whose own job another one has run.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with self._lock:
            line = self._queues.setdefault(queue, OwnerQueue())
            if line.old or line.jobs is None:
                line = self._look(queue, line.last, alone=True)
            while line.jobs:
                job = line.jobs.pop()
                if job.lane not in tried:
                    return job
        return None

    def _look(self, queue: str, last: str, *, alone: bool = False) -> OwnerQueue:
        """See who waits. alone: also which jobs of an owner that waits alone."""
        line = OwnerQueue(last=last, at=time.monotonic())
        try:
            with translated("looking whose turn it is"):
                owners = self._owners(queue, last)
                if len(owners) > 1 or alone:
                    line.jobs = deque(self._oldest(queue, owners))
                    line.shared = len(owners) > 1
                    if not line.jobs and owners:  # all another version's: see who comes after them
                        line.last = owners[-1]
        finally:  # also of a look that fails, lest each thread waits for its own
            self._queues[queue] = line
        return line

    def _owners(self, queue: str, last: str) -> list[str]:
        """The owners after one, in a circle."""
        after = self._owners_in(queue, {"$gt": last}, _OWNERS)
        if len(after) == _OWNERS or not last:
            return after
        return after + self._owners_in(queue, {"$lte": last}, _OWNERS - len(after))

    def _owners_in(self, queue: str, owner: Document, count: int) -> list[str]:
        """Skips from one owner to the next along the index, however many jobs each has."""
        stages: list[Document] = [
            {"$match": {"in_overflow": queue, "owner": owner}},
            {"$sort": {"in_overflow": 1, "owner": 1}},
            {"$group": {"_id": "$owner"}},
            {"$limit": count},
        ]
        return [found["_id"] for found in self._jobs.aggregate(stages)]

    def _oldest(self, queue: str, owners: Sequence[str]) -> list[Job]:
        """The oldest jobs of each, one of each at a time, in one round trip."""
        if not owners:
            return []
        count = -(-_AHEAD // len(owners))
        first, *others = [self._line(queue, owner, count) for owner in owners]
        unions = [{"$unionWith": {"coll": JOBS, "pipeline": line}} for line in others]
        lines: dict[str, list[Job]] = {owner: [] for owner in owners}
        for found in self._jobs.aggregate([*first, *unions]):
            lines[found["owner"]].append(Job(found))
        for line in lines.values():
            random.shuffle(line)
        turns = chain.from_iterable(zip_longest(*lines.values()))
        jobs = [job for job in turns if job is not None]
        return jobs[:_OWNERS] if len(owners) == _OWNERS else jobs  # before more owners, each once

    def _line(self, queue: str, owner: str, count: int) -> list[Document]:
        """An owner's oldest jobs, without those of another version among them."""
        return [
            {"$match": {"in_overflow": queue, "owner": owner}},
            {"$sort": {"accepted": 1}},
            {"$limit": count},
            {"$match": self._known},
            {"$project": NOTIFICATION_FIELDS},
        ]
