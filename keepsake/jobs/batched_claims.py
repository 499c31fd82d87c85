"""Claims and successes of several threads share their round trips."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import bson
from pymongo.errors import AutoReconnect, OperationFailure
from pymongo.read_concern import ReadConcern

from keepsake.jobs.claim_batch import ClaimBatch, ClaimRequest
from keepsake.jobs.claims import UNSTORABLE, Claims, OnEnded
from keepsake.jobs.expressions import closed_attempt
from keepsake.jobs.job import Claim, Job
from keepsake.jobs.records import Records, leased_by_any
from keepsake.jobs.states import SUCCEED
from keepsake.storage import Document, literal, translated

Q = TypeVar("Q")
A = TypeVar("A")


def _taken() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Call(Generic[Q, A]):
    """A question on its way. then: gets the answer, if its thread does not wait for it.

    leads: its thread carries out the next round. settle: released when there is an answer, or when
    the thread has to lead.
    """

    question: Q
    then: Callable[[A | Exception], None] | None = None
    settle: threading.Lock = field(default_factory=_taken)
    leads: bool = False
    answer: A | Exception | None = None

    def settled(self) -> A:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]


class Batcher(Generic[Q, A]):
    """Gathers the questions of several threads into rounds, without waiting for more.

    A question that finds no round in flight is asked at once, alone. Those that arrive during a
    round share the next one. So a lone question is not delayed, and the busier it is, the more of
    them share a round.

    ask_all: answers a round's questions, in their order; an answer that is an exception is raised
    to its caller, and what `ask_all` itself raises to each.
    """

    def __init__(self, ask_all: Callable[[Sequence[Q]], Sequence[A | Exception]]) -> None:
        self._ask_all = ask_all
        self._lock = threading.Lock()
        self._waiting: list[_Call[Q, A]] = []
        self._in_flight = False

    def submit(self, question: Q) -> A:
        """The answer to a question. Blocks."""
        call: _Call[Q, A] = _Call(question)
        self._join(call)
        if not call.leads:
            call.settle.acquire()
        if call.leads:
            self._round()
        return call.settled()

    def submit_nowait(self, question: Q, then: Callable[[A | Exception], None]) -> None:
        """Have a question answered; blocks only the thread that carries out the next round.

        then: gets the answer, or what was raised; on the thread of a round, so it must not raise.
        """
        call: _Call[Q, A] = _Call(question, then)
        if not self._join(call):
            return
        if not call.leads:
            call.settle.acquire()
        self._round()

    def _join(self, call: _Call[Q, A]) -> bool:
        """Take part in the next round; whether as the first, which carries it out."""
        with self._lock:
            call.leads, self._in_flight = not self._in_flight, True
            self._waiting.append(call)
            return len(self._waiting) == 1

    def _round(self) -> None:
        """Answer all that waits, this thread's own question among it; then another leads."""
        with self._lock:
            calls, self._waiting = self._waiting, []
        try:
            answers = self._ask_all([call.question for call in calls])
            for call, answer in zip(calls, answers, strict=True):
                call.answer = answer
        except Exception as error:  # noqa: BLE001 - it is each caller's to handle
            for call in calls:
                call.answer = error
        finally:
            self._hand_over()
            for call in calls:
                call.settle.release()
                if call.then is not None:
                    call.then(call.answer)  # type: ignore[arg-type]

    def _hand_over(self) -> None:
        with self._lock:
            self._in_flight = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].settle.release()


_ENDS: Document = {"claim": 1, "state": 1, "notify_next": 1}


@dataclass(frozen=True, slots=True)
class Completion:
    """A claim and what its job gave."""

    claim: Claim
    result: Any


class BatchedClaims(Claims):
    """The same compare-and-sets as alone, for all jobs of a round in one statement.

    A lone claim or success takes the way of `Claims`, one round trip. A round of claims takes
    two, whatever their number; one of successes one, and two more if one of its jobs is marked to
    notify for the next of its lane.
    """

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._claim_batch = ClaimBatch(records)
        self._newest = records.jobs.with_options(read_concern=ReadConcern("local"))
        self._claim_batcher: Batcher[ClaimRequest, Claim | None] = Batcher(self._claim_all)
        self._completion_batcher: Batcher[Completion, Job | None] = Batcher(self._succeed_all)

    def claim(self, lane: str, worker: str, *, notify_next: bool = False) -> Claim | None:
        """As `Claims.claim`."""
        return self._claim_batcher.submit(ClaimRequest(lane, worker, notify_next))

    def succeed_soon(self, claim: Claim, result: Any, then: OnEnded) -> None:
        """As `Claims.succeed_soon`; a round in flight is not waited for."""
        if "credential" in claim.job.record or not _storable(result):
            super().succeed_soon(claim, result, then)  # the vault's entry goes with it; or it fails
        else:
            self._completion_batcher.submit_nowait(Completion(claim, result), then)

    def _claim_all(self, requests: Sequence[ClaimRequest]) -> Sequence[Claim | None | Exception]:
        if len(requests) == 1:
            request = requests[0]
            return [super().claim(request.lane, request.worker, notify_next=request.notify_next)]
        self._records.prepare()
        return self._claim_batch.claim(requests)

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
            found = list(self._newest.find(which, _ENDS))
        return {doc["claim"]: doc for doc in found}


def _storable(result: Any) -> bool:
    """Whether others can share a command with a result."""
    try:
        bson.encode({"result": result})
    except UNSTORABLE:
        return False
    return True


def _succeeded(claim: Claim, end: Document) -> Job:
    return Job({**claim.job.record, **end})
