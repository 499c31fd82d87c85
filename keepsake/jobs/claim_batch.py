"""A batch of claims: all lanes that are asked for at once, in three round trips."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from bson import Timestamp
from pymongo import UpdateMany, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError

from keepsake.jobs.expressions import claimed, marks, taken, takes
from keepsake.jobs.job import Claim, Job
from keepsake.jobs.records import Records
from keepsake.jobs.states import CLAIM
from keepsake.storage import Document, StorageError, literal, translated

_DEEP = 4
"""Unfinished jobs a lane, on average, up to which one read finds the heads of all."""
_FIRST = Timestamp(0, 0)
_PLACE: Document = {"open_lane": 1, "accepted": 1}
"""What says where a job stands in its lanes."""
_DUPLICATE_KEY = 11000


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """A request to claim the head of a lane; the arguments of `Claims.claim`.

    early: its notification may have overtaken the record, so a lane without a job is `NotRecorded`.
    ahead: no thread waits for it. Then a job that crashed before is left to one that does: its next
    crash is to cost no others, and a crash of others is not to count for it.
    """

    lane: str
    worker: str
    notify_next: bool = False
    early: bool = False
    ahead: bool = False


class NotRecorded(Exception):
    """The answer to an early request for a lane that has no unfinished job, or none yet."""


class LeftToThread(Exception):
    """The answer to a request ahead of its thread that only its thread may have answered."""


BatchAnswer = Claim | None | Exception


@dataclass(frozen=True, slots=True)
class LaneHead:
    """A job as it was read, and what the database says that a claim does with it."""

    job: Document

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


class ClaimBatch:
    """Carries out batches of claims. All requests of a batch are of the same worker.

    First the heads of the lanes are read, and what a claim does with each. Then those that it takes
    are taken by one statement for each revision among them, so that only a job that is still as it
    was read is taken. What was won is read back. A lane of which that leaves anything open is asked
    for alone, in the words of a lone claim.
    """

    def __init__(self, records: Records) -> None:
        self._jobs = records.unjournaled
        self._newest = records.newest
        self._settings = records.settings
        self._known = records.known.expression
        self._rules = records.owner_rules

    def claim(self, requests: Sequence[ClaimRequest]) -> list[BatchAnswer]:
        """What each request gets, in their order; of several for one lane, the first.

        Raises:
            StorageUnavailable: MongoDB does not answer; leases give back what was taken.
        """
        first = _first_of_each(requests)
        settled: dict[str, BatchAnswer] = {}
        with translated("claiming"):
            settled |= self._take_heads(first)
        left = [request for lane, request in first.items() if lane not in settled]
        settled |= {request.lane: LeftToThread() for request in left if request.ahead}
        left = [request for request in left if not request.ahead]
        try:
            with translated("claiming"):
                settled |= self._take_each(left) if left else {}
        except StorageError as error:  # what was won before it stays won
            settled |= dict.fromkeys((request.lane for request in left), error)
        return [_answer(settled, request.lane) for request in requests]

    def overtaken(self, claims: Iterable[Claim]) -> list[Claim]:
        """The claims of jobs that are not the heads of their lanes, or no longer.

        A head is read first and taken later. A crash of the primary between the two may undo the
        end of the job before it, which then waits again (docs/model.md). A crash after this look
        undoes the claim with it.
        """
        ordered = {claim.job.lane: claim for claim in claims if not claim.job.unordered}
        if not ordered:
            return []
        with translated("claiming"):
            heads, _ = self._heads(ordered, _PLACE)
            for lane in ordered.keys() - heads.keys():
                heads |= self._heads([lane], _PLACE)[0]
        return [claim for lane, claim in ordered.items()
                if lane in heads and heads[lane].job["_id"] != claim.job.id]  # fmt: skip

    def _take_heads(self, requests: Mapping[str, ClaimRequest]) -> dict[str, BatchAnswer]:
        """The claims by lane, None where nothing is due; what is not there is not known."""
        heads, empty = self._heads(requests, self._decided())
        alone = {lane for lane, head in heads.items()
                 if requests[lane].ahead and head.job.get("crashes_in_a_row")}  # fmt: skip
        due = {lane: head for lane, head in heads.items()
               if head.job["takes"] and lane not in alone}  # fmt: skip
        busy = {lane for lane, head in heads.items() if head.job["marks"]}
        settled: dict[str, BatchAnswer] = dict.fromkeys(heads.keys() - due.keys() - busy - alone)
        settled |= {lane: NotRecorded() if requests[lane].early else None for lane in empty}
        bounds = self._rules.bounds_for_claims()
        settled |= {lane: LeftToThread() for lane, head in heads.items()
                    if head.job.get("owner") in bounds and lane not in busy}  # fmt: skip
        marked = {heads[lane].job["_id"] for lane in busy}
        claim_id = uuid4().hex  # of the batch; with the id of a job it is the claim id of that job
        statements = [*self._taking(due, requests, claim_id), *_marking(marked)]
        if not statements:
            return settled
        asked_at = time.monotonic()
        if self._written(statements) == len(due) + len(marked):
            settled |= dict.fromkeys(busy)
        return settled | self._won(due.values(), claim_id, asked_at)

    def _heads(
        self, lanes: Collection[str], fields: Document
    ) -> tuple[dict[str, LaneHead], set[str]]:
        """The heads by lane, and the lanes that surely have none; the others are not known.

        The index gives one lane after the other, each oldest first, and a job of several lanes at
        the first of them. So where the read ends early, the lanes up to its last one are known.
        """
        most = _DEEP * len(lanes)
        unfinished = self._newest.find({"open_lane": {"$in": list(lanes)}}, fields)
        read = [LaneHead(job) for job in unfinished.hint("lane_head").limit(most)]
        heads: dict[str, LaneHead] = {}
        for head in sorted(read, key=lambda head: head.place):
            for lane in head.lanes:
                heads.setdefault(lane, head)
        known = set(lanes)
        if len(read) == most:
            ended = min(known.intersection(read[-1].lanes))
            known = {lane for lane in known if lane <= ended}
        return {lane: heads[lane] for lane in heads.keys() & known}, known - heads.keys()

    def _decided(self) -> Document:
        """What is read of a head before a claim, and what the database says of it."""
        return {
            **_PLACE,
            **dict.fromkeys(("revision", "crashes_in_a_row", "owner"), 1),
            "takes": takes(self._known, self._rules.bounds_for_claims()),
            "marks": marks(self._known),
        }

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

    def _won(
        self, heads: Iterable[LaneHead], claim_id: str, asked_at: float
    ) -> dict[str, BatchAnswer]:
        ids = [head.job["_id"] for head in heads]
        which = {"_id": {"$in": ids}, "claim": {"$in": [claim_id + job_id for job_id in ids]}}
        return _by_lane(self._newest.find(which), asked_at) if ids else {}

    def _take_each(self, requests: Sequence[ClaimRequest]) -> dict[str, BatchAnswer]:
        """A statement for each lane, as `Claims.claim` writes it, and one read of who won."""
        claim_ids = [uuid4().hex for _ in requests]
        statements = [
            # No `sort` before MongoDB 8, but the index gives the head of the lane first.
            UpdateOne(
                {"open_lane": request.lane},
                [
                    {"$replaceWith": claimed(
                        self._settings, self._known, request.worker, claim_id,
                        notify_next=request.notify_next,
                        bounded=self._rules.bounds_for_claims())}
                ],
                hint="lane_head",
            )
            for request, claim_id in zip(requests, claim_ids, strict=True)
        ]  # fmt: skip
        asked_at = time.monotonic()
        self._write_each(statements)
        lanes = [request.lane for request in requests]
        which = {"running_lane": {"$in": lanes}, "claim": {"$in": claim_ids}}
        return _by_lane(self._newest.find(which), asked_at)

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
        first[request.lane] = request if known is None else _together(known, request)
    return first


def _together(first: ClaimRequest, second: ClaimRequest) -> ClaimRequest:
    ahead, early = first.ahead and second.ahead, first.early or second.early
    return replace(first, notify_next=True, ahead=ahead, early=early)


def _answer(settled: dict[str, BatchAnswer], lane: str) -> BatchAnswer:
    """What was settled for a lane; a claim is the first request's, and the others get none."""
    answer = settled.get(lane)
    if isinstance(answer, Claim):
        settled[lane] = None
    return answer


def _by_lane(won: Iterable[Document], asked_at: float) -> dict[str, BatchAnswer]:
    return {job["lane"]: Claim(Job(job), job["claim"], asked_at) for job in won}


def _worker(requests: Iterable[ClaimRequest]) -> str:
    (worker,) = {request.worker for request in requests}
    return worker


def _marking(marked: Collection[str]) -> list[UpdateMany]:
    """Mark jobs whose end has to notify, as a notification was used up; ended ones do not match."""
    if not marked:
        return []
    which = {"_id": {"$in": list(marked)}, "open_lane": {"$exists": True}}
    return [UpdateMany(which, {"$set": {"notify_next": True}})]
