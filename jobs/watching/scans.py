"""The scans of repositories, each repository being a lane."""

from collections.abc import Iterable, Sequence

from jobs.job import UNLISTED, Job
from jobs.policy import JobType
from jobs.records import Records
from jobs.states import UNFINISHED
from storage.errors import translated
from storage.mongo import Document

_SHOWN: Document = {name: 0 for name in UNLISTED if name != "payload"}
"""A scan's payload holds no secret, and says which branch it is of."""


class Scans:
    """Scoped by the owner."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs

    def newest(self, owner: str, lanes: Sequence[str]) -> dict[str, Job]:
        """The scan of each lane that was accepted last.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        pipeline: list[Document] = [
            {"$match": {"lane": {"$in": list(lanes)}, "owner": owner,
                        "type": str(JobType.SCANNER_SCAN)}},
            {"$sort": {"lane": 1, "accepted": -1}},
            {"$group": {"_id": "$lane", "job": {"$first": "$_id"}}},
        ]  # fmt: skip
        with translated("looking for scans"):
            ids = [row["job"] for row in self._jobs.aggregate(pipeline)] if lanes else []
            found = self._jobs.find({"_id": {"$in": ids}}, _SHOWN)
            return {job["lane"]: Job(job) for job in found}

    def unfinished(self, owner: str, lanes: Iterable[str]) -> list[Job]:
        """The scans of some lanes that have not ended, the newest first."""
        which = {"open_lane": {"$in": list(lanes)}, "owner": owner,
                 "state": {"$in": sorted(UNFINISHED)}}  # fmt: skip
        with translated("looking for scans"):
            return [Job(job) for job in self._jobs.find(which, _SHOWN).sort("accepted", -1)]
