"""Claims and successes of jobs that run side by side share their round trips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import bson
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from jobs.claims import Claims
from jobs.expressions import closed_attempt
from jobs.gathering import Gathering
from jobs.job import Claim, Job
from jobs.records import Records, held_by
from jobs.states import SUCCEED
from storage.errors import translated
from storage.mongo import Document, literal

_DUPLICATE_KEY = 11000
_ENDS: Document = {"token": 1, "state": 1, "awaited": 1}


@dataclass(frozen=True, slots=True)
class _Come:
    """A worker that came for a lane; the arguments of `Claims.claim`."""

    lane: str
    worker: str
    awaited: bool


@dataclass(frozen=True, slots=True)
class _Done:
    """A claim and what its job gave."""

    claim: Claim
    result: Any


class SharedClaims(Claims):
    """The same compare-and-sets as alone, each statement its own, in one command for all.

    A lone claim or success takes the way of `Claims`, one round trip. A round of claims takes two,
    whatever their number; one of successes one, and a second if jobs may wait behind them.
    """

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._coming: Gathering[_Come, Claim | None] = Gathering(self._claim_all)
        self._done: Gathering[_Done, Job | None] = Gathering(self._succeed_all)

    def claim(self, lane: str, worker: str, *, awaited: bool = False) -> Claim | None:
        """As `Claims.claim`."""
        return self._coming.ask(_Come(lane, worker, awaited))

    def succeed(self, claim: Claim, result: Any) -> Job | None:
        """As `Claims.succeed`."""
        if "credential" in claim.job.record:  # the vault's entry goes with it
            return super().succeed(claim, result)
        bson.encode({"result": result})  # what cannot be stored fails here, before others share it
        return self._done.ask(_Done(claim, result))

    def _claim_all(self, coming: Sequence[_Come]) -> list[Claim | None]:
        if len(coming) == 1:
            one = coming[0]
            return [super().claim(one.lane, one.worker, awaited=one.awaited)]
        self._records.prepare()
        nonces = [uuid4().hex for _ in coming]
        statements = [
            # No `sort` before MongoDB 8, but the index gives the head of the lane first.
            UpdateOne(
                {"open_lane": one.lane},
                [{"$replaceWith": self._claimed(one.worker, nonce, awaited=one.awaited)}],
                hint="lane_head",
            )
            for one, nonce in zip(coming, nonces, strict=True)
        ]
        with translated("claiming"):
            self._write_all(statements)
            found = self._records.jobs.find({"claim": {"$in": nonces}})
            won = {job["claim"]: Claim(Job(job), job["claim"]) for job in found}
        return [won.get(nonce) for nonce in nonces]

    def _succeed_all(self, done: Sequence[_Done]) -> list[Job | None]:
        if len(done) == 1:
            return [super().succeed(done[0].claim, done[0].result)]
        statements = [
            UpdateOne(*self._records.moving(SUCCEED, held_by(one.claim), self._ending(one)))
            for one in done
        ]
        with translated(SUCCEED.name):
            matched = self._write_all(statements)
            if matched == len(done) and all(one.claim.job.solo for one in done):
                return [_succeeded(one.claim, {"state": SUCCEED.target}) for one in done]
            ends = self._ends(done)
        return [
            _succeeded(one.claim, ends[one.claim.job.id]) if one.claim.job.id in ends else None
            for one in done
        ]

    def _ending(self, one: _Done) -> Document:
        history = closed_attempt("succeeded", None, self._settings.attempts_kept)
        return {"attempts": history, "result": literal(one.result)}

    def _ends(self, done: Sequence[_Done]) -> dict[str, Document]:
        """What became of jobs that succeeded under these claims; a stale claim's is not there."""
        tokens = {one.claim.job.id: one.claim.token for one in done}
        found = self._records.jobs.find(
            {"_id": {"$in": list(tokens)}, "state": SUCCEED.target}, _ENDS
        )
        return {doc["_id"]: doc for doc in found if doc["token"] == tokens[doc["_id"]]}

    def _write_all(self, statements: Sequence[UpdateOne]) -> int:
        """Carry out each statement whatever becomes of the others; how many matched.

        A lane that a younger job holds refuses its claim, and no other.
        """
        try:
            return self._records.jobs.bulk_write(list(statements), ordered=False).matched_count
        except BulkWriteError as error:
            told: Mapping[str, Any] = error.details or {}
            if told.get("writeConcernErrors") or any(
                one["code"] != _DUPLICATE_KEY for one in told["writeErrors"]
            ):
                raise
            return int(told["nMatched"])


def _succeeded(claim: Claim, end: Document) -> Job:
    return Job({**claim.job.record, **end})
