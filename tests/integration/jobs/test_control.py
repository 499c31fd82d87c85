from dataclasses import replace

import pytest

from keepsake.jobs.attempt import Attempt
from keepsake.jobs.errors import (
    CancelRequested,
    HandBack,
    IllegalMove,
    JobNotFound,
    LeaseLost,
    PauseRequested,
)  # fmt: skip
from keepsake.jobs.states import State
from tests.factories import a_job, claimed


@pytest.fixture
def waiting(engine):
    return engine.acceptance.accept(a_job()).job


def test_a_waiting_job_is_cancelled_at_once(engine, waiting):
    job = engine.control.cancel("alice", waiting.id, by="alice", reason="mistake")

    assert job.state is State.CANCELLED
    assert (job.get("cancelled")["by"], job.get("error")["message"]) == ("alice", "mistake")


def test_a_waiting_job_is_paused_and_resumed(engine, waiting):
    assert engine.control.pause("alice", waiting.id, by="alice").state is State.PAUSED
    assert engine.claims.claim(waiting.lane, "w") is None

    assert engine.control.resume("alice", waiting.id, by="alice").state is State.PENDING
    assert engine.claims.claim(waiting.lane, "w")


@pytest.mark.parametrize(
    ("ask", "stop", "state"),
    [("cancel", CancelRequested, State.CANCELLING), ("pause", PauseRequested, State.RUNNING)],
)
def test_a_running_job_hears_at_its_next_checkpoint(engine, ask, stop, state):
    claim = claimed(engine)
    attempt = Attempt(engine.claims, claim, slice_seconds=60)

    assert getattr(engine.control, ask)("alice", claim.job.id, by="alice").state is state

    with pytest.raises(stop):
        attempt.checkpoint({"done": 1})


def test_the_heartbeat_hears_of_requests(engine):
    claim = claimed(engine)
    engine.control.pause("alice", claim.job.id, by="alice")

    held = engine.leases.renew([claim, replace(claim, claim_id="another")])

    assert [(lease.claim_id, lease.control) for lease in held] == [(claim.claim_id, "pause")]


def test_a_request_does_not_outlive_its_attempt(engine):
    claim = claimed(engine)
    engine.control.pause("alice", claim.job.id, by="alice")
    engine.claims.suspend(claim)
    engine.control.resume("alice", claim.job.id, by="alice")

    again = engine.claims.claim(claim.job.lane, "w")

    assert again.job.get("control") is None


def test_a_cancelled_job_that_fails_is_cancelled(engine):
    claim = claimed(engine)
    engine.control.cancel("alice", claim.job.id, by="alice")

    assert not engine.claims.retry(claim, {"kind": "transient"}, 0)
    assert engine.claims.stop(claim)
    assert engine.control.get("alice", claim.job.id).state is State.CANCELLED


@pytest.mark.parametrize("ask", ["cancel", "pause", "resume"])
def test_nothing_can_be_asked_of_an_ended_job(engine, ask):
    claim = claimed(engine)
    engine.claims.succeed(claim, None)

    with pytest.raises(IllegalMove) as refused:
        getattr(engine.control, ask)("alice", claim.job.id, by="alice")

    assert (refused.value.job.state, refused.value.possible) == (State.SUCCEEDED, [])


@pytest.mark.parametrize("ask", ["cancel", "pause", "resume"])
def test_anothers_job_does_not_exist(engine, waiting, ask):
    with pytest.raises(JobNotFound):
        getattr(engine.control, ask)("bob", waiting.id, by="bob")


def test_a_checkpoint_is_where_the_next_attempt_goes_on(engine):
    claim = claimed(engine)
    first = Attempt(engine.claims, claim, slice_seconds=0)
    with pytest.raises(HandBack):
        for _ in first.steps("abc", stage="letters"):
            pass
    engine.claims.release(claim)

    again = Attempt(engine.claims, engine.claims.claim(claim.job.lane, "w"), slice_seconds=60)
    rest = list(again.steps("abc", stage="letters"))

    assert rest == ["b", "c"]
    progress = engine.control.get("alice", claim.job.id).get("progress")
    assert (progress["done"], progress["total"], progress["stage"]) == (3, 3, "letters")


def test_a_stale_attempt_stops_at_its_checkpoint(engine):
    claim = claimed(engine)
    attempt = Attempt(engine.claims, claim, slice_seconds=60)
    engine.claims.release(claim)

    with pytest.raises(LeaseLost):
        attempt.checkpoint({})
