"""Jobs that were accepted for later: each enters its lanes when it is due."""

from collections import Counter
from collections.abc import Iterable, Sequence

from keepsake.jobs.expressions import REMOVE, after, past
from keepsake.jobs.indexes import SCHEDULED_JOBS
from keepsake.jobs.job import NOTIFICATION_FIELDS, Job
from keepsake.jobs.listing import Listing
from keepsake.jobs.records import Records
from keepsake.jobs.states import ENTER, State
from keepsake.storage import Document, literal, translated

BATCH = 100
"""Jobs in one round."""
_COUNTED = 100_000
_OPEN_LANE: Document = {
    "$cond": [
        {"$isArray": "$further_lanes"},
        {"$concatArrays": [["$lane"], {"$ifNull": ["$further_lanes", []]}]},
        "$lane",
    ]
}


class Scheduled:
    """Until it enters, a job has no place in its lanes: no claim finds it, and no job waits for it.

    Nothing that an older version looks for finds it either. Entering is one compare-and-set, by the
    database's clock, so that any number of processes may do it.
    """

    def __init__(self, records: Records, listing: Listing) -> None:
        self._records = records
        self._settings = records.settings
        self._listing = listing
        self.more = False
        """Whether the last round was a full one, so that there is more."""

    def enter(self) -> list[Job]:
        """Let a batch of due jobs into their lanes, each behind all that was accepted before.

        They are to be notified of, those with `in_overflow` in the overflow queue. If that fails,
        the relay does it after two sweeps.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._records.prepare()
        self.more = False
        with translated("looking for scheduled jobs"):
            due = self._records.jobs.find({**self._records.known.whole, **_DUE}, _FIELDS)
            jobs = [
                Job(job) for job in due.hint(SCHEDULED_JOBS.name).sort("run_at", 1).limit(BATCH)
            ]
        self.more = len(jobs) == BATCH
        behind = self._behind(jobs)
        for wave in _waves(jobs):
            self._enter([job.id for job in wave], behind)
        return [Job({**job.record, **({"in_overflow": job.queue} if job.id in behind else {})})
                for job in jobs]  # fmt: skip

    def _enter(self, ids: Sequence[str], behind: Iterable[str]) -> None:
        """All at one moment of the logical clock, which is their place in their lanes."""
        in_overflow = {"$cond": [{"$in": ["$_id", literal(sorted(behind))]}, "$queue", REMOVE]}
        changes: Document = {
            "open_lane": _OPEN_LANE,
            "accepted": "$$CLUSTER_TIME",
            "notify_at": after(2 * self._settings.sweep_seconds),
            "burst_exempt": {"$cond": [{"$eq": ["$priority", "bulk"]}, True, REMOVE]},
            "in_overflow": in_overflow,
        }
        which, pipeline = self._records.moving(ENTER, {"_id": {"$in": list(ids)}, **_DUE}, changes)
        with translated(ENTER.name):
            self._records.jobs.update_many(which, pipeline)

    def _behind(self, jobs: Sequence[Job]) -> set[str]:
        """Those that are to wait in an overflow queue, since their owner has many unfinished."""
        overflow = self._records.types.overflow
        owners = {job.owner for job in jobs if job.queue in overflow}
        counts = Counter({owner: self._listing.count_ahead(owner, _COUNTED) for owner in owners})
        behind = set()
        for job in jobs:
            counts[job.owner] += not job.bulk
            last = job.bulk or counts[job.owner] > self._settings.owner_burst
            if last and job.queue in overflow:
                behind.add(job.id)
        return behind


_DUE: Document = {"state": str(State.SCHEDULED), "$expr": past("run_at")}
_FIELDS: Document = {**NOTIFICATION_FIELDS, "run_at": 1}


def _waves(jobs: Iterable[Job]) -> list[list[Job]]:
    """The jobs, of each lane one to a wave and in the order in which they are due."""
    waves: list[list[Job]] = []
    taken = Counter[str]()
    for job in jobs:
        wave = max(taken[lane] for lane in job.lanes)
        taken |= dict.fromkeys(job.lanes, wave + 1)
        if wave == len(waves):
            waves.append([])
        waves[wave].append(job)
    return waves
