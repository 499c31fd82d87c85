"""A model of the engine: two workers, a sweeper and a client, in any order.

The model knows who holds a job. Whatever the interleaving, only the holder of the newest claim may
write, and the record always agrees with the model. A broken engine, whose filters forget the
claim, must be found out.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from keepsake.jobs import claims as claims_module
from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import IllegalMove, LeaseLost
from keepsake.jobs.job import Claim
from keepsake.jobs.states import ENDED, State
from keepsake.jobs.sweeper import Sweeper
from keepsake.parts import job_types
from tests.factories import a_job

WORKERS = ("w1", "w2")
PAST = timedelta(hours=-1)


@dataclass
class Model:
    """What must be true of the one job."""

    state: State = State.PENDING
    holder: str | None = None
    crashes_in_a_row: int = 0
    control: str | None = None


class Interleaving(RuleBasedStateMachine):
    """Any order of what workers, sweeper and client do to one job."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.engine.records.jobs.delete_many({})
        self.engine.records.database["dead_letters"].delete_many({})
        self.job = self.engine.acceptance.accept(a_job()).job
        self.sweeper = Sweeper(self.engine.records, self.engine.dead_letters)
        self.claims: dict[str, Claim] = {}
        self.model = Model()

    def agree(self) -> None:
        record = self.engine.control.get("alice", self.job.id)
        assert record.state is self.model.state
        held = self.model.holder is not None
        assert (record.get("lease_expires_at") is not None) is held
        assert (record.get("running_lane") is not None) is held
        assert (record.get("open_lane") is None) is (record.state in ENDED)
        assert (record.get("expire_at") is not None) is (record.state in ENDED)

    def holds(self, worker: str) -> bool:
        return self.model.holder == worker

    def left(self, state: State) -> None:
        self.model.state, self.model.holder, self.model.control = state, None, None

    @rule(worker=st.sampled_from(WORKERS))
    def claim(self, worker):
        claim = self.engine.claims.claim(self.job.lane, worker)

        assert (claim is not None) is (self.model.state in {State.PENDING, State.RETRYING})
        if claim is not None:
            self.claims[worker] = claim
            self.model.state, self.model.holder = State.RUNNING, worker
        self.agree()

    @precondition(lambda self: self.claims)
    @rule(worker=st.sampled_from(WORKERS))
    def checkpoint(self, worker):
        if worker not in self.claims:
            return
        try:
            self.engine.claims.save(self.claims[worker], {"checkpoint": worker})
            wrote = True
        except LeaseLost:
            wrote = False

        assert wrote is self.holds(worker)
        if wrote:
            self.model.crashes_in_a_row = 0
        self.agree()

    @precondition(lambda self: self.claims)
    @rule(worker=st.sampled_from(WORKERS), how=st.sampled_from(["succeed", "retry", "release"]))
    def finish(self, worker, how):
        if worker not in self.claims:
            return
        claim = self.claims[worker]
        done = {
            "succeed": lambda: self.engine.claims.succeed(claim, worker),
            "retry": lambda: self.engine.claims.retry(claim, {"kind": "transient"}, 0),
            "release": lambda: self.engine.claims.release(claim),
        }[how]()

        may = self.holds(worker) and (self.model.state is State.RUNNING or how == "succeed")
        assert (done is not None) is may
        if may:
            ends = {"succeed": State.SUCCEEDED, "retry": State.RETRYING, "release": State.PENDING}
            self.left(ends[how])
        self.agree()

    @precondition(lambda self: self.claims)
    @rule(worker=st.sampled_from(WORKERS))
    def hear_and_stop(self, worker):
        if worker not in self.claims:
            return
        claim = self.claims[worker]
        heard = {status.claim_id: status.control for status in self.engine.leases.renew([claim])}

        assert (claim.claim_id in heard) is self.holds(worker)
        if heard.get(claim.claim_id) == "cancel":
            assert self.engine.claims.stop(claim)
            self.left(State.CANCELLED)
        elif heard.get(claim.claim_id) == "pause":
            assert self.engine.claims.suspend(claim)
            self.left(State.PAUSED)
        self.agree()

    @precondition(lambda self: self.model.holder)
    @rule()
    def lose_the_worker_and_sweep(self):
        past = {"$set": {"lease_expires_at": datetime.now(UTC) + PAST}}
        self.engine.records.jobs.update_one({"_id": self.job.id}, past)
        assert len(self.sweeper.run_once()) == 1

        self.model.crashes_in_a_row += 1
        if self.model.state is State.CANCELLING:
            self.left(State.CANCELLED)
        elif self.model.crashes_in_a_row >= self.engine.settings.crash_limit:
            self.left(State.DEAD_LETTER)
        else:
            self.left(State.PENDING)
        self.agree()

    @rule()
    def sweep_for_nothing(self):
        assert self.sweeper.run_once() == []
        self.agree()

    @rule(ask=st.sampled_from(["cancel", "pause", "resume"]))
    def ask_as_client(self, ask):
        try:
            getattr(self.engine.control, ask)("alice", self.job.id, by="alice")
            answered = True
        except IllegalMove:
            answered = False

        waits = self.model.state in {State.PENDING, State.RETRYING}
        runs = self.model.state is State.RUNNING
        paused = self.model.state is State.PAUSED
        cancelling = self.model.state is State.CANCELLING
        match ask:
            case "cancel":
                assert answered is (waits or runs or paused or cancelling)
                if waits or paused:
                    self.left(State.CANCELLED)
                elif runs:
                    self.model.state = State.CANCELLING
            case "pause":
                assert answered is (waits or runs or paused)
                if waits:
                    self.left(State.PAUSED)
            case "resume":
                assert answered is paused
                if paused:
                    self.left(State.PENDING)
        self.agree()


SETTINGS = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    database=None,
    phases=(Phase.generate,),  # shrinking against a real database takes minutes
    suppress_health_check=list(HealthCheck),
)


def machine(engine: Engine) -> type[Interleaving]:
    return type("Bound", (Interleaving,), {"engine": engine})


@pytest.fixture
def patient_engine(database, engine):
    return Engine.over(database, job_types())


def test_only_the_holder_of_the_newest_claim_writes(patient_engine):
    run_state_machine_as_test(machine(patient_engine), settings=SETTINGS)


def test_an_engine_that_forgets_the_claim_is_found_out(patient_engine, monkeypatch):
    monkeypatch.setattr(
        claims_module, "leased_by", lambda claim: {"_id": claim.job.id, "claim": {"$exists": True}}
    )

    first_fault = settings(
        SETTINGS, report_multiple_bugs=False, max_examples=1_000, derandomize=True
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine(patient_engine), settings=first_fault)
