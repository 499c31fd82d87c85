"""What a worker does to a job: claim it, save its progress, record how the attempt ended."""

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

from bson import Timestamp
from bson.errors import BSONError
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from keepsake.jobs.claim_batch import BatchAnswer, ClaimRequest, NotRecorded
from keepsake.jobs.errors import LeaseLost
from keepsake.jobs.expressions import (
    DUE,
    NOW,
    OUTAGE,
    REMOVE,
    after,
    bumped,
    claimed,
    closed_attempt,
    dated,
    logged,
    revised,
    taken,
    takes,
)
from keepsake.jobs.job import NOTIFICATION_FIELDS, Claim, Job
from keepsake.jobs.records import Records, leased_by
from keepsake.jobs.slot_claims import SlotClaims
from keepsake.jobs.states import LEASED, RELEASE, RETRY, STOP, SUCCEED, SUSPEND, Move
from keepsake.storage import Document, StorageError, cluster_time, literal, translated

_LEASED = sorted(LEASED)


UNSTORABLE = (BSONError, OverflowError, UnicodeError)
"""What the driver raises for a value that MongoDB cannot hold."""
OnEnded = Callable[[Job | None | Exception], None]
"""Gets what became of a job."""


class Claims:
    """The worker's side. Every write but the claim is conditional on the claim's token."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._settings = records.settings
        self._known = records.known
        self._slots = SlotClaims(records)
        self.waiting_of = self._slots.waiting_of

    def claim(
        self, lane: str, worker: str, *, notify_next: bool = False, early: bool = False
    ) -> Claim | None:
        """Take the oldest unfinished job of a lane, if it is due: one round trip.

        A notification names a lane; a job without one is a lane of its own. None means that there
        is nothing to run: not due, running already, paused, ended, another version's, or of an
        owner of whom as many run as may. A claim that is tried while the head runs, or waits for
        its other lanes, leaves a mark, so that the end of the job knows that a notification was
        used up.

        notify_next: notifications of later jobs were used up; the mark is set from the start.
        early: the notification may have overtaken the record.

        Raises:
            NotRecorded: It has, or the job has ended; only if it is early.
            StorageUnavailable: MongoDB does not answer.
        """
        self._records.prepare()
        claim_id = uuid4().hex
        asked_at = time.monotonic()
        bounded = self._records.owner_rules.bounds_for_claims()
        head = claimed(
            self._settings, self._known.expression, worker, claim_id,
            notify_next=notify_next, bounded=bounded,
        )  # fmt: skip
        with translated("claiming"):
            try:
                record = self._records.unjournaled.find_one_and_update(
                    {"open_lane": lane},
                    [{"$replaceWith": head}],
                    sort=[("accepted", 1), ("_id", 1)],
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:  # a younger job of the lane runs: it was first to commit
                return None
        if record is None and early:
            raise NotRecorded
        if record is not None and record.get("claim") == claim_id:
            return Claim(Job(record), claim_id, asked_at)
        if record is None or record.get("owner") not in bounded:
            return None
        due = takes(self._known.expression)
        return self._slots.claim(
            record["owner"], {"open_lane": lane}, due, worker, literal(notify_next)
        )

    def recorded(self, job_ids: Collection[str]) -> set[str]:
        """Which of some jobs are there, be it on no majority yet.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        which = {"_id": {"$in": list(job_ids)}}
        with translated("looking for jobs"):
            return {job["_id"] for job in self._records.newest.find(which, {"_id": 1})}

    def claim_all(self, requests: Sequence[ClaimRequest]) -> Sequence[BatchAnswer]:
        """What each request gets; an exception is an answer to that request alone.

        Raises:
            StorageUnavailable: MongoDB does not answer; leases give back what was taken.
        """
        return [
            self.claim(
                request.lane,
                request.worker,
                notify_next=request.notify_next,
                early=request.early,
            )
            for request in requests
        ]

    def claim_multi_lane(self, job_id: str, worker: str) -> Claim | None:
        """Take a job of several lanes, if it is due and the head of them all: two round trips.

        Otherwise the jobs before it are marked, so that the end of each notifies for it again.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._records.prepare()
        claim_id = uuid4().hex
        with translated("claiming"):
            job = self._records.jobs.find_one(
                {**self._known.whole, "_id": job_id, "open_lane": {"$type": "array"}},
                {"open_lane": 1, "accepted": 1, "owner": 1},
            )
            if job is None or self._mark_before(job):
                return None
            which = {"_id": job_id, "open_lane": {"$exists": True}}
            if job["owner"] in self._records.owner_rules.bounds_for_claims():
                return self._slots.claim(job["owner"], which, DUE, worker, literal(value=True))
            asked_at = time.monotonic()
            changed = taken(self._settings, worker, literal(claim_id), literal(value=True))
            try:
                record = self._records.unjournaled.find_one_and_update(
                    which,
                    [{"$replaceWith": {"$cond": [DUE, changed, "$$ROOT"]}}],
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:  # a younger job of a lane runs: it was first to commit
                return None
        if record is None or record.get("claim") != claim_id:
            return None
        return Claim(Job(record), claim_id, asked_at)

    def _mark_before(self, job: Document) -> int:
        """Mark the unfinished jobs that come before one in any of its lanes; how many they are.

        Another version's come before it as well, and stay as they are.
        """
        earlier = {"accepted": job["accepted"], "_id": {"$lt": job["_id"]}}
        before = {
            "open_lane": {"$in": job["open_lane"]},
            "$or": [{"accepted": {"$lt": job["accepted"]}}, earlier],
        }
        mark = {"$cond": [self._known.expression, True, {"$ifNull": ["$notify_next", REMOVE]}]}
        marked = self._records.jobs.update_many(before, [{"$set": {"notify_next": mark}}])
        return marked.matched_count

    def save(self, claim: Claim, changes: Mapping[str, Any]) -> Job:
        """Save progress, outcomes of items or a checkpoint; values are literal.

        Raises:
            LeaseLost: The job is no longer this attempt's.
            StorageUnavailable: MongoDB does not answer.
        """
        fields: Document = {name: _saved(name, value) for name, value in changes.items()}
        if "checkpoint" in changes:  # what gets on is no poison, however often its worker dies
            fields |= {"crashes_in_a_row": 0, "outages": 0}
        return self._write(claim, fields)

    def log(self, claim: Claim, level: str, message: str) -> Job:
        """Add a line to the job's log, of which the newest are kept.

        Raises:
            LeaseLost: The job is no longer this attempt's.
            StorageUnavailable: MongoDB does not answer.
        """
        return self._write(claim, {"logs": logged(level, message)})

    def _write(self, claim: Claim, fields: Document) -> Job:
        with translated("saving progress"):
            record = self._records.jobs.find_one_and_update(
                {**leased_by(claim), "state": {"$in": _LEASED}},
                [{"$set": {**bumped(), **fields}}],
                projection={"control": 1, "state": 1, "revision": 1},
                return_document=ReturnDocument.AFTER,
            )
        if record is None:
            raise LeaseLost(claim.job.id)
        return Job(record)

    def assert_owned(self, claim: Claim, session: ClientSession) -> None:
        """Tie a transaction to the claim: it commits only while the job is this attempt's.

        Raises:
            LeaseLost: It is not.
        """
        held = self._records.jobs.update_one(
            {**leased_by(claim), "state": {"$in": _LEASED}},
            [{"$set": {"lease_expires_at": after(self._settings.lease_seconds)}}],
            session=session,
        )
        if not held.matched_count:
            raise LeaseLost(claim.job.id)

    def succeed(self, claim: Claim, result: Any) -> Job | None:
        """End the job well; None when the claim is stale, here and below."""
        return self._close(SUCCEED, claim, "succeeded", None, {"result": literal(result)})

    def succeed_soon(self, claim: Claim, result: Any, then: OnEnded) -> None:
        """As `succeed`; `then` gets what it gives or raises, perhaps later on another thread.

        Until then the job is running under its lease.
        """
        then(self._tried(claim, result))

    def drain(self, seconds: float) -> bool:
        """Wait until what `succeed_soon` was given is written; False when it is not in time."""
        return True

    def _tried(self, claim: Claim, result: Any) -> Job | None | Exception:
        try:
            return self.succeed(claim, result)
        except (StorageError, *UNSTORABLE) as error:
            return error

    def retry(
        self,
        claim: Claim,
        error: Document,
        delay_seconds: float,
        *,
        outage: bool = False,
        overtaken: bool = False,
    ) -> Job | None:
        """Record a failure and when to try again.

        outage: it burns no attempt; the same one goes on then. overtaken: the job's place in its
        lane is that of one accepted when it is due.
        """
        later = after(delay_seconds)
        counted: Document = {"failures": {"$add": ["$failures", 1]}, "outages": 0}
        if outage:
            counted = {"outages": {"$add": [{"$ifNull": ["$outages", 0]}, 1]}}
        place = {"accepted": self._place_in(delay_seconds)} if overtaken else {}
        changes = {"error": dated(error), "run_at": later, "notify_at": later, **counted, **place}
        return self._close(RETRY, claim, OUTAGE if outage else "failed", error, changes)

    def _place_in(self, seconds: float) -> Timestamp:
        """The place in its lane of a job that is accepted in some seconds."""
        now = cluster_time(self._records.database)
        return Timestamp(now.time + math.ceil(seconds), 0)

    def release(self, claim: Claim, outcome: str = "continued") -> Job | None:
        """Hand the job back to go on later; no attempt is burnt.

        outcome: `continued` after a slice, `released` when the process goes down.
        """
        notify_at = after(
            self._settings.notify_again_after_seconds if outcome == "continued" else 0
        )
        return self._close(RELEASE, claim, outcome, None, {"run_at": NOW, "notify_at": notify_at})

    def suspend(self, claim: Claim) -> Job | None:
        """Pause at a checkpoint, as asked."""
        return self._close(SUSPEND, claim, "paused", None, {})

    def stop(self, claim: Claim) -> Job | None:
        """Cancel at a checkpoint, as asked."""
        return self._close(STOP, claim, "cancelled", None, {"error": dated(CANCELLED_ERROR)})

    def _close(
        self, move: Move, claim: Claim, outcome: str, error: Document | None, changes: Document
    ) -> Job | None:
        history = closed_attempt(outcome, error)
        return self._records.move(move, leased_by(claim), {"attempts": history, **changes})

    def waiting_behind(self, job: Job) -> list[Job]:
        """The jobs that wait for this one to leave its lanes."""
        lanes = [] if job.unordered else job.lanes
        waiting = [self.next_in_lane(lane) for lane in lanes]
        return list({job.id: job for job in waiting if job is not None}.values())

    def next_in_lane(self, lane: str) -> Job | None:
        """The job that a lane waits for, if it has one that this version can run."""
        with translated("reading a lane"):
            record = self._records.jobs.find_one(
                {"open_lane": lane},
                {**NOTIFICATION_FIELDS, "known": self._known.expression},
                sort=[("accepted", 1), ("_id", 1)],
            )
        return Job(record) if record and record["known"] else None


def _saved(name: str, value: Any) -> Document:
    """What watchers are sent carries the revision at which it changed."""
    watched = name == "progress" or name.startswith("items.")
    return revised(value) if watched else literal(value)


CANCELLED_ERROR: Document = {
    "kind": "cancelled", "type": "cancelled", "message": "cancelled on request",
}  # fmt: skip
