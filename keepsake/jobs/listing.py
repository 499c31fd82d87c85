"""Lists of jobs, newest first and at a bounded cost: of an owner, and of lanes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from bson.timestamp import Timestamp
from pymongo.read_concern import ReadConcern

from keepsake.jobs.drafts import key_slot
from keepsake.jobs.expressions import ERROR_PLACE, ERROR_TYPE
from keepsake.jobs.indexes import BURST_EXEMPT, BY_LABEL, BY_OWNER, JOBS, OF_UNFINISHED
from keepsake.jobs.job import UNLISTED, Job
from keepsake.jobs.job_types import JobType
from keepsake.jobs.records import UNENDED, Records
from keepsake.jobs.states import UNFINISHED, State
from keepsake.storage import (
    NEWEST,
    OLDEST,
    Bound,
    Document,
    Index,
    each_readable,
    literal,
    older_than,
    read_along,
    translated,
)

EXAMINED = 2_000
"""Records that one page looks at; a filter that few fit makes a short page, or an empty one."""


class Place(NamedTuple):
    """Where a page begins: a job's creation and id."""

    created_at: datetime
    job_id: str


@dataclass(frozen=True, slots=True)
class JobListPage:
    """Some jobs, and where the next page begins; None after the last."""

    jobs: list[Job]
    following: Place | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs; what is empty stands for all.

    worker: one that ran any of the attempts. error_place: where the error was raised. id_prefix:
    how the id begins.
    """

    states: frozenset[State] = field(default_factory=frozenset)
    types: frozenset[str] = field(default_factory=frozenset)
    created_after: datetime | None = None
    created_before: datetime | None = None
    labels: frozenset[str] = field(default_factory=frozenset)
    """`name:value`; a job has to have them all."""
    queues: frozenset[str] = field(default_factory=frozenset)
    worker: str = ""
    error_type: str = ""
    error_place: str = ""
    id_prefix: str = ""

    def __str__(self) -> str:
        """The same for the same filter, in every process."""
        sets: tuple[Iterable[Any], ...] = (self.states, self.types, self.labels, self.queues)
        texts = (self.created_after, self.created_before, self.worker, self.error_type,
                 self.error_place, self.id_prefix)  # fmt: skip
        return repr([*(sorted(values) for values in sets), *map(str, texts)])

    @property
    def index(self) -> Index:
        """What is read along: the index of unfinished jobs, if only such are meant."""
        if self.states and self.states <= UNFINISHED:
            return OF_UNFINISHED
        return BY_LABEL if self.labels else BY_OWNER

    def equal(self, owner: str) -> list[str]:
        """What the first keys of that index are: the owner, and one of the labels."""
        return [owner, *([min(self.labels)] if self.index is BY_LABEL else [])]

    @property
    def start(self) -> Bound:
        """Where the newest would be."""
        return older_than(self.created_before) if self.created_before else NEWEST

    @property
    def stop(self) -> Bound:
        """Where those begin that are too old."""
        return older_than(self.created_after) if self.created_after else OLDEST

    def fields(self) -> Document:
        """What no index knows: the conditions that are seen in the records alone."""
        if not self.states or self.states in (UNFINISHED, frozenset(State)):
            return self._besides()
        return {"state": {"$in": sorted(self.states)}, **self._besides()}

    def besides_state(self) -> Document:
        """The conditions on documents that are all of jobs in one state."""
        limits = {"$gte": self.created_after, "$lt": self.created_before}
        bounds = {name: at for name, at in limits.items() if at is not None}
        return {**({"created_at": bounds} if bounds else {}), **self._besides()}

    def _besides(self) -> Document:
        named = {"type": self.types, "queue": self.queues}
        conditions: list[Document] = [
            {name: {"$in": sorted(values)}} for name, values in named.items() if values
        ]
        if self.labels:
            conditions.append({"label_pairs": {"$all": sorted(self.labels)}})
        if self.id_prefix:
            conditions.append({"_id": {"$gte": self.id_prefix, "$lt": self.id_prefix + LAST}})
        if self.worker:
            conditions.append({"attempts.worker": self.worker})
        shown = ((ERROR_TYPE, self.error_type), (ERROR_PLACE, self.error_place))
        conditions += [_failed_with(what, value) for what, value in shown if value]
        return {"$and": conditions} if conditions else {}


LAST = "\uffff"
"""Behind every character of an id."""


def _failed_with(expression: Document, value: str) -> Document:
    """Jobs that show such an error; a success shows none."""
    return {"state": {"$ne": State.SUCCEEDED}, "$expr": {"$eq": [expression, literal(value)]}}


ALL_JOBS = Wanted()


class Listing:
    """Reads along the index by owner, or along that of unfinished jobs."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs
        self._prepare = records.prepare

    def page(self, owner: str, wanted: Wanted, begin: Place | None, size: int) -> JobListPage:
        """Up to `size` jobs, from a place on.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        start = min(begin or NEWEST, wanted.start)
        if start <= wanted.stop:
            return JobListPage([], None)
        with translated("listing jobs"):
            beyond = self._beyond(owner, wanted, start) if wanted.fields() else None
            records = self._found(owner, wanted, (start, beyond or wanted.stop), size + 1)
        following = _place(records[size]) if len(records) > size else beyond
        return JobListPage(list(each_readable(Job.read, records[:size])), following)

    def newest_unfinished(self, owner: str, wanted: Wanted, size: int) -> list[Job]:
        """The newest of an owner's jobs that have not ended; all of these are looked at.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        if wanted.start <= wanted.stop:
            return []
        with translated("listing jobs"):
            records = self._found(owner, wanted, (wanted.start, wanted.stop), size)
        return list(each_readable(Job.read, records))

    def count_unfinished(self, owner: str, limit: int, wanted: Wanted = ALL_JOBS) -> int:
        """How many of an owner's jobs have not ended, counting no further than `limit`.

        Counts the keys of an index when all jobs are meant, and reads no record.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        which = {"owner": owner, **UNENDED, **wanted.besides_state(), **wanted.fields()}
        with translated("counting jobs"):
            return self._jobs.count_documents(which, limit=limit, hint=OF_UNFINISHED.name)

    def count_exempt(self, owner: str, limit: int) -> int:
        """How many of these do not count as asked for at once.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        which = {"owner": owner, "burst_exempt": True}
        with translated("counting jobs"):
            return self._jobs.count_documents(which, limit=limit, hint=BURST_EXEMPT.name)

    def count_ahead(self, owner: str, limit: int) -> int:
        """How many do; two round trips.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        return self.count_unfinished(owner, limit) - self.count_exempt(owner, limit)

    def of_key(self, owner: str, types: Iterable[str], key: str) -> str | None:
        """The id of the job that an idempotency key of an owner stands for.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        slots = [key_slot(owner, kind, key, derived=False) for kind in types]
        with translated("looking a key up"):
            holder = self._jobs.find_one(
                {"key_slot": {"$in": slots, "$type": "string"}}, {"_id": 1}
            )
        return None if holder is None else str(holder["_id"])

    def _found(
        self, owner: str, wanted: Wanted, bounds: tuple[Bound, Bound], limit: int
    ) -> list[Document]:
        records = self._jobs.find(wanted.fields(), UNLISTED).limit(limit)
        return list(read_along(wanted.index, wanted.equal(owner), *bounds, records))

    def _beyond(self, owner: str, wanted: Wanted, start: Bound) -> Place | None:
        """The first record that a page does not look at, read from the index alone."""
        keys = self._jobs.find({}, {"created_at": 1}).skip(EXAMINED).limit(1)
        along = read_along(wanted.index, wanted.equal(owner), start, wanted.stop, keys)
        last = next(along, None)
        return _place(last) if last else None


def _place(record: Document) -> Place:
    return Place(record["created_at"], record["_id"])


_WITH_PAYLOAD: Document = {name: 0 for name in UNLISTED if name != "payload"}
"""The projection of a job with its payload and without its history."""


class LaneJobs:
    """The jobs of lanes, scoped by the owner. Of a payload only what its type shows is read."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs
        self._latest = records.jobs.with_options(read_concern=ReadConcern("local"))

    def newest(self, job_type: JobType[Any], owner: str, lanes: Sequence[str]) -> dict[str, Job]:
        """The job of a type that each lane accepted last, by its lane.

        Reads one record a lane, however many there were. The type has to declare that it
        is asked for this, so that there is an index.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if not lanes:
            return {}
        first, *others = [_newest(owner, lane, job_type.name) for lane in lanes]
        unions = [{"$unionWith": {"coll": JOBS, "pipeline": other}} for other in others]
        with translated("reading lanes"):
            records = list(self._jobs.aggregate([*first, *unions]))
        return {job.lane: job for job in each_readable(partial(_shown, job_type), records)}

    def unfinished(self, job_type: JobType[Any], owner: str, lanes: Iterable[str]) -> list[Job]:
        """The jobs of a type in some lanes that have not ended, the newest first.

        One that has just been claimed is shown so, though a majority may not know of it yet.
        """
        named = {"$in": list(lanes)}
        later = {"burst_exempt": True, "lane": named}
        which = {"$or": [{"open_lane": named, "owner": owner}, {"owner": owner, **later}],
                 "type": job_type.name, "state": {"$in": sorted(UNFINISHED)}}  # fmt: skip
        with translated("reading lanes"):
            found = self._latest.find(which, _WITH_PAYLOAD)
            records = sorted(found, key=_accepted, reverse=True)
        return list(each_readable(partial(_shown, job_type), records))


def _accepted(record: Document) -> Timestamp:
    """When a job was accepted; a damaged record's place is behind all others."""
    accepted = record.get("accepted")
    return accepted if isinstance(accepted, Timestamp) else Timestamp(0, 0)


def _newest(owner: str, lane: str, job_type: str) -> list[Document]:
    which = {"lane": lane, "owner": owner, "type": job_type}
    return [
        {"$match": which},
        {"$sort": {"accepted": -1}},
        {"$limit": 1},
        {"$project": _WITH_PAYLOAD},
    ]


def _shown(job_type: JobType[Any], record: Document) -> Job:
    """A job with that part of its payload that may be shown."""
    payload = record.get("payload", {})
    return Job.read({**record, "payload": {name: payload.get(name) for name in job_type.shown}})
