"""MongoDB's wall clock steps back by a quarter of an hour, as at a failover to one that lags."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from keepsake.access.buckets import Rate, TokenBuckets
from keepsake.jobs.claim_batch import ClaimBatch, ClaimRequest
from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import job_indexes
from keepsake.jobs.listing import Wanted
from keepsake.jobs.queues import Divergence
from keepsake.jobs.relay import Relay
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import State
from keepsake.jobs.sweeper import Rewinding, Sweeper
from keepsake.memory.job_types import MEMORY_QUEUE
from keepsake.parts import job_types
from keepsake.storage.indexes import ensure_indexes
from tests.factories import a_job, claimed

BACK = -900
AGAIN = {"kind": "transient", "message": "again"}
RATE = Rate(per_second=0.01, burst=5)
"""A test lasts for less than a token, and the step is worth nine."""


@pytest.fixture
def engine(stepped):
    database, _ = stepped
    ensure_indexes(database, job_indexes(job_types()))
    return Engine.over(database, job_types())


@pytest.fixture
def step_back(stepped):
    return partial(stepped[1], BACK)


@pytest.fixture
def sweep(engine):
    """One round of a worker's sweeper."""
    return partial(swept, engine)


def swept(engine):
    """The jobs that were taken back by one round."""
    Rewinding(engine.records).run_once()
    return [job.id for job in Sweeper(engine.records, engine.dead_letters).run_once()]


def notified(engine):
    """The jobs that one round of a relay notifies."""
    ids: dict[str, bool] = {}

    def notify(job, *, overflow, settled):
        ids[job.id] = True
        settled(True)

    Relay(engine.records, notify, lambda _queue: 0).run_once()
    return list(ids)


def test_what_is_pending_runs_at_once(engine, step_back):
    lone = engine.acceptance.accept(a_job()).job
    two = [engine.acceptance.accept(a_job(payload={"n": n})).job for n in range(2)]
    step_back()

    assert engine.claims.claim(lone.lane, "w").job.id == lone.id
    claims = ClaimBatch(engine.records).claim(
        [ClaimRequest(job.lane, "w", notify_next=False) for job in two]
    )
    assert [claim.job.id for claim in claims] == [job.id for job in two]


def test_what_lost_its_notification_is_notified_after_one_sweep(engine, step_back, sweep):
    job = engine.acceptance.accept(a_job()).job
    engine.records.jobs.update_one({"_id": job.id}, {"$set": {"notifications": 9}})
    step_back()
    assert notified(engine) == []

    sweep()

    assert notified(engine) == [job.id]
    assert notified(engine) == []


def test_a_resumed_queue_notifies_what_was_accepted_before(engine, step_back):
    job = engine.acceptance.accept(a_job()).job
    engine.queues.pause(MEMORY_QUEUE.name, by="olga", reason="")
    step_back()

    engine.queues.resume(MEMORY_QUEUE.name, by="olga")

    assert notified(engine) == [job.id]


def test_what_is_scheduled_enters_behind_what_was_accepted_before_a_step_back(engine, step_back):
    due = datetime.now(UTC) + timedelta(seconds=BACK + 1)  # soon after the step
    later = engine.acceptance.accept(a_job(lane="L", run_at=due + timedelta(hours=1))).job
    before = engine.acceptance.accept(a_job(lane="L", payload={"n": 1})).job
    step_back()
    assert engine.scheduled.enter() == []

    engine.records.jobs.update_one({"_id": later.id}, {"$set": {"run_at": due}})
    while not engine.scheduled.enter():
        assert datetime.now(UTC) < due + timedelta(seconds=60 - BACK)

    claim = engine.claims.claim("L", "w")
    engine.claims.succeed(claim, None)
    assert (claim.job.id, engine.claims.claim("L", "w").job.id) == (before.id, later.id)


def test_a_retry_waits_no_longer_than_a_backoff_may(engine, step_back, sweep):
    claim = claimed(engine)
    engine.claims.retry(claim, AGAIN, 2)
    step_back()
    assert engine.claims.claim(claim.job.lane, "w") is None

    sweep()

    assert engine.claims.claim(claim.job.lane, "w").attempt == 2


def test_a_retry_that_waits_since_the_step_goes_on_waiting(engine, step_back, sweep):
    step_back()
    claim = claimed(engine)
    engine.claims.retry(claim, AGAIN, 500)

    sweep()

    assert engine.claims.claim(claim.job.lane, "w") is None
    assert notified(engine) == []


def test_the_job_of_a_dead_worker_comes_back_within_a_lease(engine, step_back, eventually):
    soon_over = JobSettings(lease_seconds=0.9, heartbeat_seconds=0.3)
    engine = Engine.over(engine.records.database, job_types(), soon_over)
    engine.leases.heartbeat("w1", {})
    job_id = claimed(engine, "w1").job.id
    step_back()

    taken = eventually(partial(swept, engine), within=20)

    assert taken == [job_id]
    assert engine.control.get("alice", job_id).get("crashes") == 1


def test_a_worker_with_heartbeats_keeps_its_job(engine, step_back, sweep):
    claim = claimed(engine)
    step_back()

    for _ in range(3):
        sweep()
        (held,) = engine.leases.renew([claim])

    assert held.claim_id == claim.claim_id
    lease = engine.records.jobs.find_one({"_id": claim.job.id})["lease_expires_at"]
    assert lease < datetime.now(UTC) + timedelta(seconds=BACK + 60)


@pytest.mark.parametrize(("heartbeats_ahead", "alive"), [(0.5, True), (5, False)])
def test_a_heartbeat_a_little_ahead_of_the_clock_is_one(engine, database, heartbeats_ahead, alive):
    """A primary that lags a little behind the one before it makes no worker dead."""
    engine.leases.heartbeat("worker", {})
    ahead_ms = 1000 * heartbeats_ahead * engine.settings.heartbeat_seconds
    later = {"$set": {"heartbeat_at": {"$add": ["$$NOW", ahead_ms]}}}
    engine.records.database["workers"].update_one({"_id": "worker"}, [later])

    assert engine.leases.any_alive() is alive


def test_a_dead_worker_does_not_look_alive(engine, step_back):
    engine.leases.heartbeat("dead", {})
    engine.leases.heartbeat("alive", {})
    assert engine.leases.any_alive()
    step_back()
    assert not engine.leases.any_alive()

    engine.leases.heartbeat("alive", {})

    assert {row["_id"]: row["alive"] for row in engine.leases.workers()} == {
        "dead": False, "alive": True,
    }  # fmt: skip


def test_a_bucket_gains_nothing_and_loses_nothing(stepped, step_back):
    buckets = TokenBuckets(stepped[0])
    buckets.take("owner:alice", RATE, 2)
    step_back()

    assert buckets.take("owner:alice", RATE, 2).taken == 2
    assert buckets.take("owner:alice", RATE, 5).taken == 1


def test_lanes_and_lists_keep_the_order_of_acceptance(engine, step_back):
    before = [engine.acceptance.accept(a_job(payload={"n": n}, lane="one")).job for n in range(2)]
    step_back()
    after = engine.acceptance.accept_all(
        [a_job(payload={"n": n}, lane="one") for n in range(2, 4)]
    )  # fmt: skip
    last = engine.acceptance.accept(a_job(payload={"n": 4}, lane="one")).job
    accepted = [*before, *(accepted_job.job for accepted_job in after), last]

    times = [job.record["created_at"] for job in accepted]
    assert times == sorted(times)
    assert engine.listing.page("alice", Wanted(), None, 9).jobs[-1].id == before[0].id
    ran = []
    while (claim := engine.claims.claim("one", "w")) is not None:
        ran.append(claim.job.id)
        engine.claims.succeed(claim, None)
    assert (ran[:2], ran[-1]) == ([job.id for job in before], last.id)


def test_operators_see_what_is_dated_too_far_ahead_until_it_is_brought_back(
    engine, step_back, sweep
):
    engine.acceptance.accept(a_job())
    engine.claims.retry(claimed(engine, payload={"n": 1}), AGAIN, 2)
    claimed(engine, payload={"n": 2})
    assert engine.overview.divergence() == Divergence(0, 0, 0, 0, unknown=0)
    step_back()
    assert engine.overview.divergence() == Divergence(0, 0, 0, 3, unknown=0)

    sweep()

    assert engine.overview.divergence().postdated == 0
    assert 0 <= engine.overview.queue(MEMORY_QUEUE.name).oldest_seconds < 60


def test_a_job_that_runs_ends(engine, step_back):
    claim = claimed(engine, key="k")
    step_back()

    assert engine.claims.succeed(claim, {"n": 1}).state is State.SUCCEEDED
    assert not engine.acceptance.accept(a_job(key="k")).created
