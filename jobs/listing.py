"""An owner's jobs, newest first, page by page."""

from dataclasses import dataclass, field
from datetime import datetime

from jobs.job import Job
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


class Listing:
    """Reads along the index by owner: a page costs the same wherever it is."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs

    def page(self, owner: str, wanted: Wanted, after: Place | None, size: int) -> list[Job]:
        """Up to `size` jobs that are older than a place.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        which: Document = {"owner": owner}
        if wanted.states:
            which["state"] = {"$in": sorted(wanted.states)}
        if wanted.types:
            which["type"] = {"$in": sorted(wanted.types)}
        if after is not None:
            older = {"created_at": after.created_at, "_id": {"$lt": after.job_id}}
            which["$or"] = [{"created_at": {"$lt": after.created_at}}, older]
        with translated("listing jobs"):
            found = self._jobs.find(which, {"payload": 0, "checkpoint": 0})
            ordered = found.sort([("created_at", -1), ("_id", -1)]).limit(size)
            return [Job(document) for document in ordered]
