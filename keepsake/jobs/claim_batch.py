"""A round of claims: all lanes that are asked for at once, in two round trips."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from bson import Timestamp
from pymongo import UpdateMany, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError
from pymongo.read_concern import ReadConcern

from keepsake.jobs.expressions import BUSY, FREE, claimed, taken
from keepsake.jobs.job import Claim, Job
from keepsake.jobs.records import Records
from keepsake.jobs.states import CLAIM
from keepsake.storage import Document, StorageError, literal, translated

_DEEP = 4
"""Unfinished jobs a lane, on average, up to which one read finds the heads of all."""
_SEEN: Document = {"_id": 0, "job": "$$ROOT", "now": "$$NOW"}
_FIRST = Timestamp(0, 0)


@dataclass(frozen=True, slots=True)
class LaneHead:
    """A job as it was read, and when, by the database's clock.

    free, busy: as `keepsake.jobs.expressions` says; what another version runs is neither.
    """

    job: Document
    now: datetime
    free: bool
    busy: bool

    @property
    def place(self) -> tuple[Timestamp, str]:
        """Where it stands in its lanes; MongoDB sorts almost anything else before a timestamp."""
        accepted = self.job.get("accepted")
        known = accepted if isinstance(accepted, Timestamp) else _FIRST
        return known, str(self.job["_id"])

    @property
    def lanes(self) -> list[str]:
        """All its lanes."""
        lanes = self.job["open_lane"]
        return [lane for lane in (lanes if isinstance(lanes, list) else [lanes])
                if isinstance(lane, str)]  # fmt: skip


class LaneHeads:
    """Reads them, with what is not on a majority yet: an answer that was lost may have left it."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs.with_options(read_concern=ReadConcern("local"))
        known = records.known.expression
        self._seen = {**_SEEN, "free": {"$and": [known, FREE]}, "busy": {"$and": [known, BUSY]}}

    def read(self, lanes: Collection[str]) -> tuple[dict[str, LaneHead], set[str]]:
        """The heads by lane, and the lanes that surely have none; the others are not known.

        The index gives one lane after the other, each oldest first, and a job of several lanes at
        the first of them. So where the read ends early, the lanes up to its last one are known.
        """
        most = _DEEP * len(lanes)
        found = self._jobs.find({"open_lane": {"$in": list(lanes)}}, self._seen)
        read = [LaneHead(**seen) for seen in found.hint("lane_head").limit(most)]
        heads: dict[str, LaneHead] = {}
        for head in sorted(read, key=lambda head: head.place):
            for lane in head.lanes:
                heads.setdefault(lane, head)
        known = set(lanes)
        if len(read) == most:
            ended = min(known.intersection(read[-1].lanes))
            known = {lane for lane in known if lane <= ended}
        return {lane: heads[lane] for lane in heads.keys() & known}, known - heads.keys()


_DUPLICATE_KEY = 11000


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """A request to claim the head of a lane; the arguments of `Claims.claim`."""

    lane: str
    worker: str
    notify_next: bool


class ClaimBatch:
    """Carries out rounds of claims. All requests of a round are of the same worker.

    First the heads of the lanes are read, then those that are due are taken by one statement for
    each revision among them, so that only a job that is still as it was read is taken. If all of
    them were, the round knows what it won; else it reads that from the records. A lane of which
    that leaves anything open is asked for alone.

    Reads see what is not on a majority yet: it is what an answer that was lost may have left, and a
    claim that is rolled back is one that the fence refuses.
    """

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs
        self._heads = LaneHeads(records)
        self._newest = records.jobs.with_options(read_concern=ReadConcern("local"))
        self._settings = records.settings
        self._known = records.known.expression

    def claim(self, requests: Sequence[ClaimRequest]) -> list[Claim | None | Exception]:
        """What each request gets, in their order; of several for one lane, the first.

        Raises:
            StorageUnavailable: MongoDB does not answer; leases give back what was taken.
        """
        first = _first_of_each(requests)
        settled: dict[str, Claim | None | Exception] = {}
        with translated("claiming"):
            settled |= self._take_heads(first)
        left = [request for lane, request in first.items() if lane not in settled]
        try:
            with translated("claiming"):
                settled |= self._take_each(left) if left else {}
        except StorageError as error:  # what was won before it stays won
            settled |= dict.fromkeys((request.lane for request in left), error)
        return [settled.pop(request.lane, None) for request in requests]

    def _take_heads(self, requests: Mapping[str, ClaimRequest]) -> dict[str, Claim | None]:
        """The claims by lane, None where nothing is due; what is not there is not known."""
        heads, empty = self._heads.read(requests)
        # A lane falls into one of five: due, busy, busy and marked, empty, or nothing to do.
        due = {lane: head for lane, head in heads.items() if head.free}
        busy = {lane: head for lane, head in heads.items() if head.busy}
        marked = {lane for lane, head in busy.items() if head.job.get("notify_next")}
        none = empty | marked | (heads.keys() - due.keys() - busy.keys())
        settled: dict[str, Claim | None] = dict.fromkeys(none)
        marks = {head.job["_id"] for lane, head in busy.items() if lane not in marked}
        claim_id = uuid4().hex  # of the round; with the id of a job it is the claim id of that job
        statements = [*self._taking(due, requests, claim_id), *_marking(marks)]
        if not statements:
            return settled
        began = time.monotonic()
        matched = self._written(statements)
        # After a slow write leases may be over, and others may have claimed: then the records say.
        late = time.monotonic() - began > self._settings.heartbeat_seconds
        if late or matched != len(due) + len(marks):
            return settled | self._won(due.values(), claim_id)
        won = {lane: _taken(head, requests[lane], claim_id) for lane, head in due.items()}
        return settled | won | dict.fromkeys(busy)

    def _taking(
        self, due: Mapping[str, LaneHead], requests: Mapping[str, ClaimRequest], claim_id: str
    ) -> list[UpdateMany]:
        """Take the heads that are as they were read."""
        # A statement can compare one revision with those of many jobs, so there is one for each.
        by_revision: defaultdict[int, list[str]] = defaultdict(list)
        for head in due.values():
            by_revision[head.job["revision"]].append(head.job["_id"])
        notify_next = [head.job["_id"] for lane, head in due.items() if requests[lane].notify_next]
        changed = taken(
            self._settings,
            _worker(requests.values()),
            {"$concat": [literal(claim_id), "$_id"]},
            {"$in": ["$_id", literal(notify_next)]},
        )
        sources = {"$in": sorted(CLAIM.sources)}
        return [
            UpdateMany(
                {"_id": {"$in": ids}, "revision": revision, "state": sources},
                [{"$replaceWith": changed}],
            )
            for revision, ids in by_revision.items()
        ]

    def _written(self, statements: Sequence[UpdateMany]) -> int | None:
        """How many jobs matched; None when that is not known.

        A statement for several jobs is not retried by the driver, and ends at the first job that
        fails, such as one of a lane that a younger job holds.
        """
        try:
            return self._jobs.bulk_write(list(statements), ordered=False).matched_count
        except (AutoReconnect, BulkWriteError):
            return None

    def _won(self, heads: Iterable[LaneHead], claim_id: str) -> dict[str, Claim | None]:
        ids = [head.job["_id"] for head in heads]
        which = {"_id": {"$in": ids}, "claim": {"$in": [claim_id + job_id for job_id in ids]}}
        return _by_lane(self._newest.find(which))

    def _take_each(self, requests: Sequence[ClaimRequest]) -> dict[str, Claim | None]:
        """A statement for each lane, as `Claims.claim` writes it, and one read of who won."""
        claim_ids = [uuid4().hex for _ in requests]
        statements = [
            # No `sort` before MongoDB 8, but the index gives the head of the lane first.
            UpdateOne(
                {"open_lane": request.lane},
                [
                    {"$replaceWith": claimed(
                        self._settings, self._known, request.worker, claim_id,
                        notify_next=request.notify_next)}
                ],
                hint="lane_head",
            )
            for request, claim_id in zip(requests, claim_ids, strict=True)
        ]  # fmt: skip
        self._write_each(statements)
        lanes = [request.lane for request in requests]
        which = {"running_lane": {"$in": lanes}, "claim": {"$in": claim_ids}}
        return _by_lane(self._newest.find(which))

    def _write_each(self, statements: Sequence[UpdateOne]) -> None:
        """Carry out each statement; a lane that a younger job holds refuses its own alone."""
        try:
            self._jobs.bulk_write(list(statements), ordered=False)
        except BulkWriteError as error:
            details = error.details or {}
            refused = [fault["code"] for fault in details.get("writeErrors", ())]
            if details.get("writeConcernErrors") or set(refused) != {_DUPLICATE_KEY}:
                raise


def _first_of_each(requests: Iterable[ClaimRequest]) -> dict[str, ClaimRequest]:
    """One for each lane. Any after it uses up a notification, so the job is to be marked."""
    first: dict[str, ClaimRequest] = {}
    for request in requests:
        known = first.get(request.lane)
        first[request.lane] = request if known is None else replace(known, notify_next=True)
    return first


def _by_lane(won: Iterable[Document]) -> dict[str, Claim | None]:
    return {job["lane"]: Claim(Job(job), job["claim"]) for job in won}


def _taken(head: LaneHead, request: ClaimRequest, claim_id: str) -> Claim:
    """A claim that is known to have been written: the job as read, and what its holder reads.

    It was written a little after the read, so its deadline is watched that little too late.
    """
    job = head.job
    held = {
        "state": CLAIM.target,
        "token": job["token"] + 1,
        "claim": claim_id + job["_id"],
        "worker": request.worker,
        "notify_next": request.notify_next or bool(job.get("notify_next")),
        "revision": job["revision"] + 1,
        "updated_at": head.now,
    }
    return Claim(Job({**job, **held}), held["claim"])


def _worker(requests: Iterable[ClaimRequest]) -> str:
    (worker,) = {request.worker for request in requests}
    return worker


def _marking(marks: Collection[str]) -> list[UpdateMany]:
    """Mark jobs whose end has to notify, as a notification was used up; ended ones do not match."""
    if not marks:
        return []
    which = {"_id": {"$in": list(marks)}, "open_lane": {"$exists": True}}
    return [UpdateMany(which, {"$set": {"notify_next": True}})]
