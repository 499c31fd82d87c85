"""An owner's jobs, newest first, page by page."""

from dataclasses import dataclass, field
from datetime import datetime

from jobs.job import UNLISTED, Job
from jobs.policy import JobType
from jobs.records import Records
from jobs.states import State
from storage.errors import translated
from storage.mongo import Document


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the last job's creation and id."""

    created_at: datetime
    job_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs; empty sets stand for all."""

    states: frozenset[State] = field(default_factory=frozenset)
    types: frozenset[JobType] = field(default_factory=frozenset)
    created_after: datetime | None = None
    created_before: datetime | None = None
    with_open_letter: bool = False
    """Only dead-lettered jobs that were neither replayed nor discarded."""

    def __str__(self) -> str:
        """The same for the same filter, in every process."""
        return repr([sorted(self.states), sorted(self.types), str(self.created_after),
                     str(self.created_before), self.with_open_letter])  # fmt: skip

    def conditions(self, owner: str) -> Document:
        """The query that finds them among an owner's jobs."""
        which: Document = {"owner": owner}
        if self.states:
            which["state"] = {"$in": sorted(self.states)}
        if self.types:
            which["type"] = {"$in": sorted(self.types)}
        created = {"$gte": self.created_after, "$lt": self.created_before}
        if bounds := {name: at for name, at in created.items() if at is not None}:
            which["created_at"] = bounds
        if self.with_open_letter:
            which.update({"lineage.replayed_as": None, "discarded_at": None})
        return which


class Listing:
    """Reads along the index by owner: a page costs the same wherever it is."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs

    def page(self, owner: str, wanted: Wanted, after: Place | None, size: int) -> list[Job]:
        """Up to `size` jobs that are older than a place.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        which = wanted.conditions(owner)
        if after is not None:
            older = {"created_at": after.created_at, "_id": {"$lt": after.job_id}}
            which["$or"] = [{"created_at": {"$lt": after.created_at}}, older]
        with translated("listing jobs"):
            found = self._jobs.find(which, UNLISTED)
            ordered = found.sort([("created_at", -1), ("_id", -1)]).limit(size)
            return [Job(document) for document in ordered]

    def count(self, owner: str, wanted: Wanted, limit: int) -> int:
        """How many there are, counting no further than `limit`.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("counting jobs"):
            return self._jobs.count_documents(wanted.conditions(owner), limit=limit)
