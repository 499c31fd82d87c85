"""Takes each step of a trace of the model (docs/model.md) against the code, on a real database."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, timedelta
from typing import Any

from pymongo.database import Database

from keepsake.jobs.claim_batch import ClaimBatch, ClaimRequest
from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import LeaseLost
from keepsake.jobs.job import Claim, Job
from keepsake.jobs.relay import Relay
from keepsake.jobs.sweeper import Sweeper
from keepsake.storage import Document
from tests.factories import a_job
from tests.model.rules import Step
from tests.model.state import FINISHED, UNFINISHED, Bounds, Record, Slot, Stage, State

EFFECTS = "effects"
_UNDONE = ("jobs", "dead_letters", EFFECTS)
_HOUR = timedelta(hours=1)
_STATES = {
    Stage.PENDING: "pending",
    Stage.RUNNING: "running",
    Stage.SUCCEEDED: "succeeded",
    Stage.DEAD_LETTER: "dead_letter",
}


class Replay:
    """The database and the workers, as the steps leave them.

    Some steps need the test's hand: a lease ends because its time is set to the past, and a crash
    of the primary puts the documents back as they were before the writes that it loses.
    in_batches: claims are made as several at once are.
    """

    def __init__(self, engine: Engine, bounds: Bounds, *, in_batches: bool) -> None:
        self._engine = engine
        self._database: Database[Document] = engine.records.database
        self._jobs = engine.records.jobs
        self._bounds = bounds
        self._in_batches = in_batches
        self._sweeper = Sweeper(engine.records, engine.dead_letters)
        self._accepted: dict[int, Job] = {}
        self._claims: dict[int, Claim] = {}
        self._names = [f"w{worker}" for worker in range(bounds.workers)]
        self._log = [self._dump()]

    def take(self, step: Step, before: State, after: State) -> None:
        """Do what the step says, and compare what it did with the state after it."""
        act: Callable[[Step, State, State], None] | None = getattr(self, _method(step.name), None)
        if act is not None:
            act(step, before, after)
        self._follow(before, after)
        for job, record in enumerate(after.records):
            self._compare(job, record)

    # The database

    def _dump(self) -> dict[str, list[Document]]:
        return {name: list(self._database[name].find()) for name in _UNDONE}

    def _follow(self, before: State, after: State) -> None:
        """Keep the documents of each snapshot in the log."""
        if len(after.log) > len(before.log):
            self._log.append(self._dump())
        elif len(after.log) < len(before.log):
            self._log = self._log[-len(after.log) :]
        self._log[-1] = self._dump()

    def _primary_dies(self, step: Step, before: State, after: State) -> None:
        self._log = self._log[:1]
        for name, documents in self._log[0].items():
            self._database[name].delete_many({})
            if documents:
                self._database[name].insert_many(documents)

    def _lease_ends(self, step: Step, before: State, after: State) -> None:
        """In the documents that a crash may bring back as well: time passes for them too."""
        job = self._accepted[step.job]
        claim = self._document(job)["claim"]
        for documents in self._log:
            for document in documents["jobs"]:
                if document.get("claim") == claim:
                    document["lease_expires_at"] -= _HOUR
        self._shift({"_id": job.id}, "lease_expires_at", -_HOUR)

    _lease_of_a_live_worker_ends = _lease_ends

    def _shift(self, which: Document, field: str, by: timedelta) -> None:
        shifted = {"$add": [f"${field}", int(by.total_seconds() * 1000)]}
        self._jobs.update_many(which, [{"$set": {field: shifted}}])

    # Clients, relay and sweeper

    def _insert(self, step: Step, before: State, after: State) -> None:
        lane = self._bounds.lanes[step.job]
        shared = self._bounds.lanes.count(lane) > 1
        new = a_job(lane=f"lane-{lane}" if shared else None, force=True)
        self._accepted[step.job] = self._engine.acceptance.accept(new).job

    def _relay_notifies(self, step: Step, before: State, after: State) -> None:
        """It is published for what waits; what has been claimed meanwhile needs none."""
        job = self._accepted[step.job]
        self._shift({"_id": job.id, "notify_at": {"$type": "date"}}, "notify_at", -_HOUR)
        published: list[str] = []

        def notify(waiting: Job, *, overflow: bool, settled: Callable[[bool], None]) -> None:
            published.append(waiting.id)
            settled(True)

        Relay(self._engine.records, notify, lambda _queue: 0).run_once()
        waits = before.records[step.job].stage is Stage.PENDING
        assert (job.id in published) is waits

    def _sweep(self, step: Step, before: State, after: State) -> None:
        self._sweep_one(step, lived=True)

    def _sweep_a_crash(self, step: Step, before: State, after: State) -> None:
        self._sweep_one(step, lived=False)

    def _sweep_one(self, step: Step, *, lived: bool) -> None:
        """Other leases that are over are kept for steps of their own."""
        job = self._accepted[step.job]
        others = {"_id": {"$ne": job.id}, "lease_expires_at": {"$type": "date"}}
        worker = self._document(job)["worker"]
        self._jobs.update_one({"_id": job.id}, [{"$set": {"lease_expires_at": "$$NOW"}}])
        if lived:
            self._engine.leases.heartbeat(worker, {})
        else:
            self._engine.leases.leave(worker)
        self._shift(others, "lease_expires_at", _HOUR)
        swept = self._sweeper.run_once()
        self._shift(others, "lease_expires_at", -_HOUR)
        assert [each.id for each in swept] == [job.id]

    # A worker

    def _worker_dies(self, step: Step, before: State, after: State) -> None:
        self._names[step.worker] += "'"

    def _find_nothing_due(self, step: Step, before: State, after: State) -> None:
        assert self._claimed(step) is None

    def _claim(self, step: Step, before: State, after: State) -> None:
        claim = self._claimed(step)
        assert claim is not None
        record = after.records[step.job]
        assert claim.job.id == self._accepted[step.job].id
        assert claim.token == record.token
        self._claims[record.claim] = claim

    _claim_and_lose_the_answer = _claim

    def _claimed(self, step: Step) -> Claim | None:
        lane, worker = self._lane(step.job), self._names[step.worker]
        if not self._in_batches:
            return self._engine.claims.claim(lane, worker)
        batch = ClaimBatch(self._engine.records)
        (answer,) = batch.claim([ClaimRequest(lane, worker, notify_next=False)])
        assert not isinstance(answer, Exception)
        return answer

    def _lane(self, job: int) -> str:
        """The lane of a message; there may be no record yet."""
        number = self._bounds.lanes[job]
        if self._bounds.lanes.count(number) > 1:
            return f"lane-{number}"
        return self._accepted[job].id if job in self._accepted else "no-record"

    def _held(self, step: Step, before: State) -> Claim:
        slot: Slot = before.workers[step.worker][step.slot]
        return self._claims[slot.claim]

    def _write_the_effect(self, step: Step, before: State, after: State) -> None:
        assert self._effect(self._held(step, before))

    def _hear_that_the_lease_is_lost(self, step: Step, before: State, after: State) -> None:
        claim = self._held(step, before)
        assert self._engine.leases.renew([claim]) == []
        assert not self._effect(claim)

    def _renew_the_lease(self, step: Step, before: State, after: State) -> None:
        claim = self._held(step, before)
        assert [lease.claim_id for lease in self._engine.leases.renew([claim])] == [claim.claim_id]

    def _end(self, step: Step, before: State, after: State) -> None:
        assert self._engine.claims.succeed(self._held(step, before), {"by": step.worker})

    def _end_in_vain(self, step: Step, before: State, after: State) -> None:
        assert not self._engine.claims.succeed(self._held(step, before), {"by": step.worker})

    def _hand_back(self, step: Step, before: State, after: State) -> None:
        assert self._engine.claims.release(self._held(step, before), "released")

    def _effect(self, claim: Claim) -> bool:
        """Write an effect under the fence; whether it was written."""

        def both(session: Any) -> None:
            self._engine.claims.assert_owned(claim, session)
            self._database[EFFECTS].insert_one({"job": claim.job.id}, session=session)

        with suppress(LeaseLost), self._database.client.start_session() as session:
            session.with_transaction(both)
            return True
        return False

    # The comparison

    def _document(self, job: Job) -> Document:
        document = self._jobs.find_one({"_id": job.id})
        assert document is not None
        return document

    def _compare(self, job: int, record: Record) -> None:
        """Compare a job with its record in the model: state, claim, attempts and times."""
        if record.stage is Stage.ABSENT:
            accepted = self._accepted.get(job)
            assert accepted is None or self._jobs.find_one({"_id": accepted.id}) is None
            return
        document = self._document(self._accepted[job])
        runs = record.stage is Stage.RUNNING
        assert document["state"] == _STATES[record.stage]
        assert document["token"] == record.token
        assert document["revision"] == 1 + 2 * record.token - runs
        assert document.get("crashes_in_a_row", 0) == record.crashes
        claim = self._claims[record.claim].claim_id if record.claim else None
        assert document.get("claim") == claim
        assert ("running_lane" in document) is ("lease_expires_at" in document) is runs
        assert ("open_lane" in document) is (record.stage in UNFINISHED)
        assert ("expire_at" in document) is (record.stage in FINISHED)
        assert self._database[EFFECTS].count_documents({"job": document["_id"]}) == record.effects
        self._compare_attempts(document["attempts"], record)
        self._compare_times(document, record)

    def _compare_attempts(self, attempts: Sequence[Document], record: Record) -> None:
        tokens = [attempt["token"] for attempt in attempts]
        assert tokens == list(range(record.token, 0, -1))
        going_on = [attempt for attempt in attempts if attempt.get("outcome") is None]
        assert going_on == (list(attempts[:1]) if record.stage is Stage.RUNNING else [])

    def _compare_times(self, document: Document, record: Record) -> None:
        now = self._database.command("hello")["localTime"].replace(tzinfo=UTC)
        if record.stage is Stage.PENDING:
            assert document["run_at"] <= now
            assert document["notify_at"] is not None
        else:
            assert document.get("notify_at") is None
        if record.stage is Stage.RUNNING:
            assert (document["lease_expires_at"] <= now) is record.expired


def _method(name: str) -> str:
    return "_" + name.replace(",", "").replace(" ", "_")
