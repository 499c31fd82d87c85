import threading

import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import LeaseLost
from keepsake.jobs.expressions import ATTEMPTS_KEPT
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import State
from keepsake.jobs.sweeper import Sweeper
from tests.factories import a_job, claimed


def test_a_claim_returns_the_payload_and_a_token(engine):
    claim = claimed(engine, payload={"user_query": "$secret"})

    assert claim.job.record["payload"] == {"user_query": "$secret"}
    assert (claim.token, claim.attempt, claim.job.state) == (1, 1, State.RUNNING)


def test_a_running_job_cannot_be_claimed_again(engine):
    claim = claimed(engine)

    assert engine.claims.claim(claim.job.lane, "w2") is None


def test_of_many_racing_claims_one_wins(engine):
    job = engine.acceptance.accept(a_job()).job
    won: list[object] = []
    start = threading.Barrier(8)

    def race() -> None:
        start.wait()
        won.append(engine.claims.claim(job.lane, "w"))

    racers = [threading.Thread(target=race) for _ in range(8)]
    [racer.start() for racer in racers]
    [racer.join() for racer in racers]

    assert len([claim for claim in won if claim]) == 1


def test_a_success_ends_the_job_and_keeps_the_result(engine):
    claim = claimed(engine)

    assert engine.claims.succeed(claim, {"kept": 2})

    job = engine.control.get("alice", claim.job.id)
    assert (job.state, job.get("result")) == (State.SUCCEEDED, {"kept": 2})
    assert job.get("attempts")[0]["outcome"] == "succeeded"
    assert job.get("expire_at") > job.get("ended_at")
    assert job.get("open_lane") is job.get("lease_expires_at") is job.get("running_lane") is None


def test_a_retry_waits_for_its_time(engine):
    claim = claimed(engine)

    assert engine.claims.retry(claim, {"kind": "transient", "message": "busy"}, 30)

    assert engine.claims.claim(claim.job.lane, "w2") is None
    job = engine.control.get("alice", claim.job.id)
    assert (job.state, job.get("failures")) == (State.RETRYING, 1)


def test_a_retry_that_is_due_is_the_next_attempt(engine):
    claim = claimed(engine)
    engine.claims.retry(claim, {"kind": "transient", "message": "busy"}, 0)

    again = engine.claims.claim(claim.job.lane, "w2")

    assert (again.attempt, again.token) == (2, 2)
    assert [row["attempt"] for row in again.job.get("attempts")] == [2, 1]


def test_a_continuation_burns_no_attempt_and_shares_a_row(engine):
    claim = claimed(engine)
    engine.claims.release(claim)

    again = engine.claims.claim(claim.job.lane, "w2")

    assert (again.attempt, again.token) == (1, 2)
    assert [row["slices"] for row in again.job.get("attempts")] == [2]


def test_a_stale_worker_can_write_nothing(engine, eventually):
    stale = claimed(engine)
    sweeper = Sweeper(engine.records, engine.dead_letters)
    eventually(sweeper.run_once)
    engine.claims.claim(stale.job.lane, "w2")

    with pytest.raises(LeaseLost):
        engine.claims.save(stale, {"progress": {}})
    assert not engine.claims.succeed(stale, 1)
    assert not engine.claims.retry(stale, {"kind": "transient"}, 0)
    assert not engine.claims.release(stale)
    assert not engine.dead_letters.give_up(stale, {"kind": "permanent", "message": ""})
    assert engine.control.get("alice", stale.job.id).state is State.RUNNING


def test_history_is_bounded_and_newest_first(engine):
    job = engine.acceptance.accept(a_job()).job
    for _ in range(25):
        claim = engine.claims.claim(job.lane, "w")
        engine.claims.retry(claim, {"kind": "transient", "message": "x"}, 0)

    rows = engine.control.get("alice", job.id).get("attempts")

    assert len(rows) == ATTEMPTS_KEPT
    assert rows[0]["attempt"] == 25
    assert [row["attempt"] for row in rows] == sorted((r["attempt"] for r in rows), reverse=True)


def test_a_job_that_kills_its_workers_is_buried_as_poison(engine, eventually):
    job = engine.acceptance.accept(a_job()).job
    sweeper = Sweeper(engine.records, engine.dead_letters)
    for _ in range(engine.settings.crash_limit):
        assert engine.claims.claim(job.lane, "w")
        eventually(sweeper.run_once)

    ended = engine.control.get("alice", job.id)

    assert (ended.state, ended.get("error")["kind"]) == (State.DEAD_LETTER, "poison")
    letter = engine.records.database["dead_letters"].find_one({"_id": job.id})
    assert letter["payload"] == {"user_query": "I live in Paris"}
    assert [row["error"]["kind"] for row in letter["attempts"]] == [
        "poison", "lost_worker", "lost_worker",
    ]  # fmt: skip


@pytest.fixture
def sweep_beside_its_worker(database, engine):
    """Lets the lease of a job end between two heartbeats of its worker, and sweeps.

    Leases are longer than those of other tests: it lives for as long as this machine stands still.
    """
    patient = Engine.over(
        database, engine.types, JobSettings(lease_seconds=90, heartbeat_seconds=30)
    )
    sweeper = Sweeper(patient.records, patient.dead_letters)

    def sweep(job):
        patient.leases.heartbeat("w", {})
        patient.records.jobs.update_one({"_id": job.id}, [{"$set": {"lease_expires_at": "$$NOW"}}])
        patient.leases.heartbeat("w", {})
        assert [swept.id for swept in sweeper.run_once()] == [job.id]

    return sweep


def test_a_claim_whose_answer_was_lost_is_no_crash(engine, sweep_beside_its_worker):
    """Its worker lives on and does not know of it, so nothing renews the lease."""
    job = engine.acceptance.accept(a_job()).job
    for _ in range(engine.settings.crash_limit + 1):
        assert engine.claims.claim(job.lane, "w")
        sweep_beside_its_worker(job)

    taken_back = engine.control.get("alice", job.id)

    assert (taken_back.state, taken_back.get("crashes")) == (State.PENDING, 0)
    assert taken_back.get("attempts")[0]["outcome"] == "lost_worker"


def test_a_job_whose_every_claim_is_lost_is_no_innocent(engine, sweep_beside_its_worker):
    job = engine.acceptance.accept(a_job()).job
    engine.records.jobs.update_one({"_id": job.id}, {"$set": {"lost_acks": 20}})
    engine.claims.claim(job.lane, "w")

    sweep_beside_its_worker(job)

    assert engine.control.get("alice", job.id).get("crashes") == 1


def test_a_lost_job_that_cannot_be_taken_back_holds_up_no_other(engine, eventually):
    broken, other = claimed(engine), claimed(engine, payload={"n": 1})
    engine.records.jobs.update_one({"_id": broken.job.id}, {"$set": {"attempts": "no array"}})
    sweeper = Sweeper(engine.records, engine.dead_letters)

    swept = eventually(sweeper.run_once)

    assert [job.id for job in swept] == [other.job.id]
