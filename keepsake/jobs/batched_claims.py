"""Claims and successes of several jobs share their round trips."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import bson
from pymongo.errors import AutoReconnect, OperationFailure

from keepsake.jobs.claim_batch import BatchAnswer, ClaimBatch, ClaimRequest
from keepsake.jobs.claims import UNSTORABLE, Claims, OnEnded
from keepsake.jobs.expressions import closed_attempt
from keepsake.jobs.job import Claim, Job
from keepsake.jobs.records import Records, leased_by_any
from keepsake.jobs.states import SUCCEED
from keepsake.storage import Document, literal, translated

Q = TypeVar("Q")
A = TypeVar("A")


class Batcher(Generic[Q, A]):
    """Gathers the questions of several threads into rounds, without waiting for more.

    Its own thread asks. Questions that arrive during a round share the next one. So a lone question
    is not delayed, and the busier it is, the more of them share a round.

    ask_all: answers a round's questions, in their order; an answer may be an exception, and what
    `ask_all` itself raises is the answer to each.
    """

    def __init__(self, ask_all: Callable[[Sequence[Q]], Sequence[A | Exception]]) -> None:
        self._ask_all = ask_all
        self._changed = threading.Condition()
        self._waiting: list[tuple[Q, Callable[[A | Exception], None]]] = []
        self._thread: threading.Thread | None = None
        self._asking = False

    def submit_nowait(self, question: Q, then: Callable[[A | Exception], None]) -> None:
        """Have a question answered.

        then: gets the answer, or what was raised; on the thread of rounds, so it must not raise.
        """
        with self._changed:
            self._waiting.append((question, then))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rounds", daemon=True)
                self._thread.start()
            if len(self._waiting) == 1 and not self._asking:
                self._changed.notify_all()

    def drain(self, seconds: float) -> bool:
        """Wait until all is answered; False when the time is over first."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._asking), seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._asking = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                calls, self._waiting = self._waiting, []
                self._asking = True
            for (_, then), answer in zip(calls, self._answers(calls), strict=True):
                then(answer)

    def _answers(self, calls: Sequence[tuple[Q, Any]]) -> Sequence[A | Exception]:
        try:
            return self._ask_all([question for question, _ in calls])
        except Exception as error:  # noqa: BLE001 - it is each caller's to handle
            return [error] * len(calls)


_ENDS: Document = {"claim": 1, "state": 1, "notify_next": 1}


@dataclass(frozen=True, slots=True)
class Completion:
    """A claim and what its job gave."""

    claim: Claim
    result: Any


class BatchedClaims(Claims):
    """The same compare-and-sets as alone, for all jobs of a round in one statement.

    A lone claim or success takes the way of `Claims`, one round trip. A batch of claims takes
    three, whatever their number, and one more for lanes that several jobs share. One of successes
    takes one, and two more if one of its jobs is marked to notify for the next of its lane.
    """

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._claim_batch = ClaimBatch(records)
        self._newest = records.newest
        self._completion_batcher: Batcher[Completion, Job | None] = Batcher(self._succeed_all)

    def claim_all(self, requests: Sequence[ClaimRequest]) -> Sequence[BatchAnswer]:
        """As `Claims.claim_all`, in three round trips; in four where several jobs share a lane."""
        self._records.prepare()
        if len(requests) == 1 and not requests[0].ahead:
            return super().claim_all(requests)
        answers = self._claim_batch.claim(requests)
        claims = [answer for answer in answers if isinstance(answer, Claim)]
        overtaken = self._claim_batch.overtaken(claims)
        for claim in overtaken:
            self.release(claim, "released")
        return [None if answer in overtaken else answer for answer in answers]

    def succeed_soon(self, claim: Claim, result: Any, then: OnEnded) -> None:
        """As `Claims.succeed_soon`, on the thread of rounds."""
        if "credential" in claim.job.record or not _storable(result):
            super().succeed_soon(claim, result, then)  # the vault's entry goes with it; or it fails
        else:
            self._completion_batcher.submit_nowait(Completion(claim, result), then)

    def drain(self, seconds: float) -> bool:
        """As `Claims.drain`."""
        return self._completion_batcher.drain(seconds)

    def _succeed_all(self, done: Sequence[Completion]) -> list[Job | None | Exception]:
        """What each came to. What is not seen to have ended, or is stale, is tried again alone."""
        if len(done) == 1:
            return [self._tried(done[0].claim, done[0].result)]
        ends = self._succeed_together(done)
        return [
            _succeeded(completion.claim, ends[completion.claim.claim_id])
            if completion.claim.claim_id in ends
            else self._tried(completion.claim, completion.result)
            for completion in done
        ]

    def _succeed_together(self, done: Sequence[Completion]) -> dict[str, Document]:
        """End all that are still held by these claims; how those that ended stand, by claim id."""
        claims = [completion.claim for completion in done]
        marked = any(claim.job.get("notify_next") for claim in claims)
        if not marked and self._end(done, {"notify_next": {"$ne": True}}) == len(done):
            return {claim.claim_id: {"state": SUCCEED.target} for claim in claims}
        self._end(done, {})
        return self._ends(claims)

    def _end(self, done: Sequence[Completion], only: Document) -> int:
        """End all of which `only` is true; how many at least."""
        which = {**leased_by_any(completion.claim for completion in done), **only}
        with translated(SUCCEED.name):
            try:
                moving = self._records.moving(SUCCEED, which, self._endings(done))
                return self._records.jobs.update_many(*moving).matched_count
            # Some may have ended; or together they are too large for a command.
            except (AutoReconnect, OperationFailure, *UNSTORABLE):
                return 0

    def _endings(self, done: Sequence[Completion]) -> Document:
        """The changes, each job looking up the result of the claim that holds it."""
        history = closed_attempt("succeeded", None)
        claim_ids = literal([completion.claim.claim_id for completion in done])
        results = literal([completion.result for completion in done])
        own = {"$arrayElemAt": [results, {"$indexOfArray": [claim_ids, "$claim"]}]}
        return {"attempts": history, "result": own}

    def _ends(self, claims: Sequence[Claim]) -> dict[str, Document]:
        """What became of jobs that succeeded under these claims; a stale claim's is not there."""
        which = {**leased_by_any(claims), "state": SUCCEED.target}
        with translated(SUCCEED.name):
            ends = list(self._newest.find(which, _ENDS))
        return {end["claim"]: end for end in ends}


def _storable(result: Any) -> bool:
    """Whether others can share a command with a result."""
    try:
        bson.encode({"result": result})
    except UNSTORABLE:
        return False
    return True


def _succeeded(claim: Claim, end: Document) -> Job:
    return Job({**claim.job.record, **end})
