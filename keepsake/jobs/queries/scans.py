"""The scans of repositories, each repository being a lane."""

from collections.abc import Iterable, Sequence

from keepsake.jobs.indexes import JOBS
from keepsake.jobs.job import UNLISTED, Job
from keepsake.jobs.policy import JobType
from keepsake.jobs.records import Records
from keepsake.jobs.states import UNFINISHED
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document
from keepsake.storage.reading import each

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
        if not lanes:
            return {}
        first, *others = [_newest(owner, lane) for lane in lanes]
        unions = [{"$unionWith": {"coll": JOBS, "pipeline": other}} for other in others]
        with translated("looking for scans"):
            found = list(self._jobs.aggregate([*first, *unions]))
        return {job.lane: job for job in each(Job.read, found)}

    def unfinished(self, owner: str, lanes: Iterable[str]) -> list[Job]:
        """The scans of some lanes that have not ended, the newest first."""
        which = {"open_lane": {"$in": list(lanes)}, "owner": owner,
                 "state": {"$in": sorted(UNFINISHED)}}  # fmt: skip
        with translated("looking for scans"):
            found = list(self._jobs.find(which, _SHOWN).sort("accepted", -1))
        return list(each(Job.read, found))


def _newest(owner: str, lane: str) -> list[Document]:
    """One record is read, however often the repository was scanned."""
    scans = {"lane": lane, "owner": owner, "type": str(JobType.SCANNER_SCAN)}
    return [{"$match": scans}, {"$sort": {"accepted": -1}}, {"$limit": 1}, {"$project": _SHOWN}]
