from datetime import UTC, datetime, timedelta

import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import State
from keepsake.parts import job_types
from tests.factories import a_job, claimed


def test_only_ended_jobs_have_an_expiry(engine):
    waiting = engine.acceptance.accept(a_job()).job
    running = claimed(engine, payload={"n": 1}).job
    paused = engine.acceptance.accept(a_job(payload={"n": 2})).job
    engine.control.pause("alice", paused.id, by="alice")

    for job in (waiting, running, paused):
        assert engine.control.get("alice", job.id).get("expire_at") is None


@pytest.mark.parametrize(
    ("end", "state", "kept_seconds"),
    [
        (lambda e, c: e.claims.succeed(c, None), State.SUCCEEDED, 7 * 86_400),
        (lambda e, c: e.dead_letters.give_up(c, {"kind": "permanent", "message": ""}),
         State.DEAD_LETTER, 90 * 86_400),
    ],
)  # fmt: skip
def test_each_state_is_kept_for_its_own_time(engine, end, state, kept_seconds):
    claim = claimed(engine)
    end(engine, claim)

    job = engine.control.get("alice", claim.job.id)

    assert job.state is state
    assert (job.get("expire_at") - job.get("ended_at")).total_seconds() == kept_seconds


@pytest.mark.parametrize("key", ["k1", None])
def test_a_job_that_succeeded_is_kept_at_least_until_its_key_is_free(database, engine, key):
    least = JobSettings(idempotency_window_seconds=60, succeeded_kept_seconds=60)
    short = Engine.over(database, job_types(), least)
    claim = claimed(short, key=key)
    short.claims.succeed(claim, None)

    record = short.records.jobs.find_one({"_id": claim.job.id})

    assert record["expire_at"] >= record["key_slot_until"]
    assert short.acceptance.accept(a_job(key=key)).job.id == claim.job.id


def test_the_database_removes_what_is_over(engine, eventually):
    claim = claimed(engine)
    waiting = engine.acceptance.accept(a_job(payload={"n": 1})).job
    engine.claims.succeed(claim, None)
    past = datetime.now(UTC) - timedelta(seconds=1)
    engine.records.jobs.update_one({"_id": claim.job.id}, {"$set": {"expire_at": past}})

    eventually(lambda: engine.records.jobs.count_documents({}) == 1, within=30)

    assert engine.control.get("alice", waiting.id)
