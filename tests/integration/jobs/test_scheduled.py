"""Jobs for later: in nobody's way until they are due, and then at the end of their lanes."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from keepsake.jobs.errors import IllegalMove
from keepsake.jobs.relay import Relay
from keepsake.jobs.scheduled import BATCH
from keepsake.jobs.states import State
from keepsake.jobs.sweeper import Rewinding, Sweeper
from keepsake.memory.job_types import INGEST, MEMORY_QUEUE
from tests.factories import a_job

LANE = "a-lane"


def now():
    return datetime.now(UTC)


@pytest.fixture
def later(engine):
    """Accepts a job for later."""

    def accept(seconds=3_600, **given):
        given = {"lane": LANE, "force": True, **given}
        return engine.acceptance.accept(
            a_job(run_at=now() + timedelta(seconds=seconds), **given)
        ).job

    return accept


@pytest.fixture
def at_once(engine):
    return lambda **given: engine.acceptance.accept(a_job(force=True, lane=LANE, **given)).job


@pytest.fixture
def due(engine):
    """Lets the time of jobs come, one after the other."""

    def come(*jobs):
        for position, job in enumerate(jobs):
            then = now() - timedelta(seconds=60 - position)
            engine.records.jobs.update_one({"_id": job.id}, {"$set": {"run_at": then}})

    return come


@pytest.fixture
def record(engine):
    return lambda job: engine.records.jobs.find_one({"_id": job.id})


def run_lane(engine, lane=LANE):
    """The jobs of a lane, in the order in which they run."""
    order = []
    while claim := engine.claims.claim(lane, "w"):
        order.append(claim.job.id)
        engine.claims.succeed(claim, None)
    return order


def test_until_it_is_due_it_is_not_run_and_nobody_waits_for_it(engine, later, at_once):
    job, other = later(), at_once()

    assert job.state is State.SCHEDULED
    assert engine.scheduled.enter() == []
    assert run_lane(engine) == [other.id]
    assert engine.control.get("alice", job.id).state is State.SCHEDULED


def test_it_says_until_when_it_waits(engine, later, at_once):
    at_once()
    job = later()

    first = engine.waits.of("alice", job.id, lambda _queue: 0)[0]

    assert (first.reason, first.until) == (
        "not-due",
        job.record["run_at"].replace(microsecond=job.record["run_at"].microsecond // 1000 * 1000),
    )
    assert engine.waits.ahead(job) == []


def test_nothing_that_relay_sweeper_and_claims_look_for_is_there_before(engine, later, record):
    job = later(further_lanes=["x"], in_overflow=True)

    before = record(job)
    assert before.keys().isdisjoint({"open_lane", "notify_at", "in_overflow", "running_lane"})
    assert Rewinding(engine.records).run_once() == 0
    assert Sweeper(engine.records, engine.dead_letters).run_once() == []
    assert Relay(engine.records, pytest.fail, lambda _queue: 0).run_once() == 0
    engine.queues.pause(MEMORY_QUEUE.name, by="op", reason="")
    engine.queues.resume(MEMORY_QUEUE.name, by="op")
    assert record(job) == before


def test_once_it_is_due_it_stands_behind_all_that_was_accepted_before(engine, later, at_once, due):
    job, before = later(), at_once()
    due(job)
    between = at_once(payload={"n": 1})

    assert [entered.id for entered in engine.scheduled.enter()] == [job.id]
    after = at_once(payload={"n": 2})

    assert run_lane(engine) == [before.id, between.id, job.id, after.id]


def test_jobs_of_a_lane_that_are_due_together_enter_in_the_order_of_their_times(engine, later, due):
    jobs = [later(payload={"n": n}) for n in range(6)]
    due(*reversed(jobs))

    engine.scheduled.enter()

    assert run_lane(engine) == [job.id for job in reversed(jobs)]


def test_of_several_lanes_it_enters_them_all(engine, later, due, record):
    job = later(further_lanes=["other"])
    behind = engine.acceptance.accept(a_job(lane="other", force=True)).job
    due(job)

    engine.scheduled.enter()

    assert record(job)["open_lane"] == [LANE, "other"]
    assert engine.claims.claim_multi_lane(job.id, "w") is None
    assert run_lane(engine, "other") == [behind.id]
    assert engine.claims.claim_multi_lane(job.id, "w").job.id == job.id


def test_a_time_that_has_passed_is_now(engine, later):
    job = later(-5)

    assert job.state is State.PENDING
    assert run_lane(engine) == [job.id]


def test_its_deadline_counts_from_when_it_is_due(engine, later, record):
    job, plain = later(7_200), later(-1, payload={"n": 1})

    total = timedelta(seconds=job.record["limits"]["total_seconds"])
    assert record(job)["deadline_at"] - record(job)["run_at"] == total
    assert record(plain)["deadline_at"] - record(plain)["run_at"] == total
    assert record(job)["run_at"] - record(plain)["run_at"] > timedelta(seconds=7_000)


def test_it_is_cancelled_like_any_other_and_is_not_paused(engine, later, record, due):
    job = later(credential="cred")
    with pytest.raises(IllegalMove) as refused:
        engine.control.pause("alice", job.id, by="alice")

    cancelled = engine.control.cancel("alice", job.id, by="alice")
    due(job)

    assert refused.value.possible == ["cancel"]
    assert cancelled.state is State.CANCELLED
    assert engine.scheduled.enter() == []
    assert record(job).keys().isdisjoint({"burst_exempt", "deadline_at", "open_lane"})


def test_however_many_let_it_in_it_enters_once(engine, later, due, record):
    jobs = [later(payload={"n": n}, lane=f"lane-{n}") for n in range(8)]
    due(*jobs)

    threads = [Thread(target=engine.scheduled.enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [record(job)["revision"] for job in jobs] == [2] * len(jobs)
    states = [row["state"] for row in record(jobs[0])["state_history"]]
    assert states == ["scheduled", "pending"]


def test_one_whose_notification_was_lost_is_notified_of_by_the_relay(
    engine, later, due, eventually
):
    job = later()
    due(job)
    engine.scheduled.enter()  # and its process dies
    told = []

    def notify(job, *, overflow, settled):
        told.append((job.id, overflow))
        settled(True)

    relay = Relay(engine.records, notify, lambda _queue: 0)
    eventually(lambda: relay.run_once(), within=3 * engine.settings.sweep_seconds + 5)

    assert set(told) == {(job.id, False)}


def test_an_owners_many_due_jobs_wait_in_the_overflow_queue(engine, later, due):
    burst = engine.settings.owner_burst
    jobs = [later(payload={"n": n}, lane=f"lane-{n}") for n in range(burst + 5)]
    lone = later(owner="bob", lane="bobs")
    due(*jobs, lone)

    entered = engine.scheduled.enter()

    behind = {job.id for job in entered if job.get("in_overflow")}
    assert behind == {job.id for job in jobs[burst:]}
    waiting = engine.records.jobs.find({"in_overflow": MEMORY_QUEUE.name})
    assert {job["_id"] for job in waiting} == behind
    assert engine.listing.count_ahead("alice", 100) == burst + 5


def test_what_waits_for_its_time_counts_as_unfinished_and_not_towards_the_burst(engine, later):
    for n in range(3):
        later(payload={"n": n})

    assert engine.listing.count_unfinished("alice", 100) == 3
    assert engine.listing.count_ahead("alice", 100) == 0
    unfinished = engine.lane_jobs.unfinished(engine.types[INGEST.name], "alice", [LANE])
    assert len(unfinished) == 3


def test_what_nobody_lets_in_is_told_to_operators(engine, later, due):
    later()
    assert engine.overview.divergence().unnotified == 0
    due(later(payload={"n": 1}))

    assert engine.overview.divergence().unnotified == 1


def test_many_are_let_in_round_by_round(engine, later, due, monkeypatch):
    monkeypatch.setattr("keepsake.jobs.scheduled.BATCH", 4)
    assert BATCH > 4
    jobs = [later(payload={"n": n}, lane=f"lane-{n}") for n in range(6)]
    due(*jobs)

    rounds = [engine.scheduled.enter()]
    while engine.scheduled.more:
        rounds.append(engine.scheduled.enter())

    assert [len(entered) for entered in rounds] == [4, 2]


def test_the_same_request_for_another_time_is_another_job(engine):
    at = now() + timedelta(hours=1)
    first = engine.acceptance.accept(a_job(run_at=at))
    again = engine.acceptance.accept(a_job(run_at=at.astimezone()))
    other = engine.acceptance.accept(a_job(run_at=at + timedelta(hours=1)))
    plain = engine.acceptance.accept(a_job())

    assert (again.created, again.job.id) == (False, first.job.id)
    assert len({first.job.id, other.job.id, plain.job.id}) == 3
