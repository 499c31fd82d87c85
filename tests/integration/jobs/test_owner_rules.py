"""What operators set for an owner: how many of its jobs run at once, and their priority."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from keepsake.jobs.batched_claims import BatchedClaims
from keepsake.jobs.claim_batch import ClaimRequest, LeftToThread
from keepsake.jobs.engine import Engine
from keepsake.jobs.job_types import Priority
from keepsake.jobs.owner_rules import OwnerRule
from keepsake.jobs.relay import Relay
from keepsake.jobs.states import State
from keepsake.parts import job_types
from tests.factories import a_job

MOST = 3


@pytest.fixture
def rules(engine):
    return engine.records.owner_rules


@pytest.fixture
def bounded(rules):
    """Alice may have three jobs running, and this process knows it."""
    rules.put("alice", OwnerRule(max_running=MOST), by="op")
    rules.look()


def accept(engine, count, **given):
    news = [a_job(payload={"n": n}, force=True, **given) for n in range(count)]
    return [accepted.job for accepted in engine.acceptance.accept_all(news)]


def running(engine):
    return engine.records.newest.count_documents({"state": "running"})


def claim_each(engine, jobs):
    return [claim for job in jobs if (claim := engine.claims.claim(job.lane, "w"))]


def test_no_more_of_an_owners_jobs_run_than_may_and_others_are_not_held_up(engine, bounded):
    jobs, others = accept(engine, MOST + 2), accept(engine, MOST + 2, owner="bob")

    claims = claim_each(engine, jobs)

    assert len(claims) == MOST
    assert len(claim_each(engine, others)) == MOST + 2
    engine.claims.succeed(claims[0], None)
    assert len(claim_each(engine, jobs)) == 1
    assert engine.records.owner_rules.used({"alice": MOST})["alice"] == MOST


def test_however_many_workers_race_the_bound_holds(engine, bounded):
    jobs = accept(engine, 12)
    workers = [replace(engine, claims=BatchedClaims(engine.records)) for _ in range(6)]

    def claim(number):
        return workers[number % 6].claims.claim(jobs[number].lane, f"w{number}")

    with ThreadPoolExecutor(12) as pool:
        won = [claim for claim in pool.map(claim, range(12)) if claim]

    assert running(engine) == len(won) <= MOST
    assert len(claim_each(engine, jobs)) + len(won) == MOST


def test_a_batch_leaves_a_bounded_owners_jobs_to_their_threads(engine, bounded):
    (job,), (other,) = accept(engine, 1), accept(engine, 1, owner="bob")
    claims = BatchedClaims(engine.records)

    answers = claims.claim_all([ClaimRequest(each.lane, "w", ahead=True) for each in (job, other)])

    assert isinstance(answers[0], LeftToThread)
    assert answers[1].job.id == other.id
    assert claims.claim(job.lane, "w").job.id == job.id


def test_a_job_of_several_lanes_takes_one_slot(engine, bounded):
    jobs = accept(engine, MOST)
    several = engine.acceptance.accept(a_job(lane="A", further_lanes=["B"], force=True)).job
    claims = claim_each(engine, jobs)
    assert engine.claims.claim_multi_lane(several.id, "w") is None

    engine.claims.succeed(claims[0], None)

    assert engine.claims.claim_multi_lane(several.id, "w").job.id == several.id
    assert engine.claims.claim("B", "w") is None


def test_the_end_of_a_job_names_those_that_found_no_slot_the_oldest_of_each_lane(engine, bounded):
    in_lane = accept(engine, 3, lane="L")
    alone = accept(engine, 8)

    waiting = [job.lane for job in engine.claims.waiting_of("alice")]

    assert len(waiting) == len(set(waiting)) == 4
    assert in_lane[0].lane in waiting
    assert set(waiting) <= {in_lane[0].lane, *(job.lane for job in alone)}
    assert engine.claims.waiting_of("bob") == []


def test_the_relay_notifies_of_no_more_than_may_start(engine, bounded, rules):
    jobs, others = accept(engine, 6), accept(engine, 2, owner="bob")
    engine.records.jobs.update_many({}, [{"$set": {"notify_at": "$created_at"}}])
    engine.claims.claim(jobs[0].lane, "w")
    rules.look()
    told = set()

    def notify(job, *, overflow, settled):
        told.add(job.id)
        settled(True)

    relay = Relay(engine.records, notify, lambda _queue: 0)
    relay.run_once()

    assert {job.id for job in others} < told
    assert len(told & {job.id for job in jobs}) == MOST - 1


def test_whose_slots_are_full_has_no_turn_in_the_overflow(engine, bounded, rules):
    jobs = accept(engine, MOST + 2, in_overflow=True)
    (other,) = accept(engine, 1, owner="bob", in_overflow=True)
    claim_each(engine, jobs)
    rules.look()

    assert engine.scheduler.any("keepsake.memory", ()).id == other.id
    assert engine.scheduler.any("keepsake.memory", {other.lane}) is None


def test_a_bound_of_none_lifts_it(engine, bounded, rules):
    jobs = accept(engine, MOST + 2)
    claim_each(engine, jobs)

    rules.put("alice", OwnerRule(), by="op")
    rules.look()

    assert len(claim_each(engine, jobs)) == 2


def test_nothing_is_asked_more_while_nobody_is_bounded(shared, counting, jobs):
    shared.claim(jobs[0].lane, "w")

    assert dict(counting.sent) == {"findAndModify": 1}


def test_an_owners_priority_is_that_of_all_its_jobs(engine, rules):
    rules.put("alice", OwnerRule(priority=Priority.BULK), by="op")
    fresh = Engine.over(engine.records.database, job_types(), engine.settings)
    fresh.records.owner_rules.look_if_old()

    (hers,) = accept(fresh, 1, priority=Priority.INTERACTIVE)
    (others,) = accept(fresh, 1, owner="bob")

    assert (hers.bulk, others.bulk) == (True, False)
    assert hers.state is State.PENDING
