"""Rounds of several claims, called as the threads that share one would."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from keepsake.jobs.batched_claims import Completion
from keepsake.jobs.claim_batch import ClaimBatch, ClaimRequest, LeftToThread
from keepsake.storage.mongo import StorageUnavailable
from tests.factories import a_job


def come(*lanes):
    return [ClaimRequest(lane, "w1", notify_next=False) for lane in lanes]


def test_a_batch_of_claims_is_three_round_trips_and_one_of_successes_one(shared, counting, jobs):
    claims = shared.claim_all(come(*(job.lane for job in jobs)))

    assert counting.sent == {"update": 1, "find": 2}
    assert [claim.job.id for claim in claims] == [job.id for job in jobs]
    assert {claim.token for claim in claims} == {1}
    ended = shared._succeed_all([Completion(claim, {"n": 1}) for claim in claims])
    assert counting.sent == {"update": 2, "find": 2}
    assert {job.state for job in ended} == {"succeeded"}


def test_a_claim_of_a_round_says_what_its_record_says(shared, engine, jobs):
    retried = engine.claims.claim(jobs[0].lane, "w0")
    engine.claims.retry(retried, {"kind": "transient", "message": "again"}, 0)

    claims = shared.claim_all(
        [ClaimRequest(job.lane, "w1", notify_next=job is jobs[1]) for job in jobs]
    )

    for claim in claims:
        assert engine.records.jobs.find_one({"_id": claim.job.id}) == claim.job.record
    assert [claim.token for claim in claims[:3]] == [2, 1, 1]


@pytest.fixture
def meanwhile(monkeypatch):
    """Do something between a round's read of the heads and its statement."""
    read = ClaimBatch._heads

    def between(change):
        def overtaken(self, lanes, fields):
            heads = read(self, lanes, fields)
            change()
            return heads

        monkeypatch.setattr(ClaimBatch, "_heads", overtaken)

    return between


def test_a_job_that_moved_on_after_it_was_read_is_taken_as_it_stands(
    shared, engine, jobs, meanwhile
):
    def move_on():
        other = engine.claims.claim(jobs[0].lane, "w0")
        engine.claims.save(other, {"checkpoint": {"done": 7}})
        engine.claims.release(other, "released")

    meanwhile(move_on)
    won = shared.claim_all(come(*(job.lane for job in jobs[:3])))

    assert [claim.token for claim in won] == [2, 1, 1]
    assert won[0].job.get("checkpoint") == {"done": 7}


def test_a_job_that_was_cancelled_after_it_was_read_is_not_taken(shared, engine, jobs, meanwhile):
    meanwhile(lambda: engine.control.cancel("alice", jobs[1].id, by="alice"))
    won = shared.claim_all(come(*(job.lane for job in jobs[:3])))

    assert [claim and claim.job.id for claim in won] == [jobs[0].id, None, jobs[2].id]


def test_a_lone_claim_and_success_are_one_round_trip_each(shared, counting, jobs):
    claim = shared.claim(jobs[0].lane, "w1")
    shared.succeed(claim, None)

    assert counting.sent == {"findAndModify": 2}


def test_what_a_round_writes_is_what_single_calls_write(shared, engine, jobs):
    shared._succeed_all(
        [Completion(c, {"n": 1}) for c in shared.claim_all(come(*(j.lane for j in jobs)))]
    )
    alone = engine.acceptance.accept(a_job(payload={"alone": 1})).job
    engine.claims.succeed(engine.claims.claim(alone.lane, "w1"), {"n": 1})

    together, single = (engine.records.jobs.find_one({"_id": job.id}) for job in (jobs[0], alone))
    assert sorted(together) == sorted(single)
    same = ("state", "token", "failures", "revision", "result", "queue")
    assert [together[name] for name in same] == [single[name] for name in same]
    assert [row["state"] for row in together["state_history"]] == [
        row["state"] for row in single["state_history"]
    ]


def test_two_who_come_for_one_lane_get_one_claim_and_leave_a_mark(shared, engine):
    first, second = (
        engine.acceptance.accept(a_job(payload={"n": n}, lane="L")).job for n in (1, 2)
    )

    won = shared.claim_all(come("L", "L", "nobody's"))

    assert [claim and claim.job.id for claim in won] == [first.id, None, None]
    other = engine.acceptance.accept(a_job(payload={"n": 3})).job
    claims = [won[0], *shared.claim_all(come(other.lane))]
    ended = shared._succeed_all([Completion(claim, None) for claim in claims])
    assert [bool(job.get("notify_next")) for job in ended] == [True, False]
    assert [job.id for job in engine.claims.waiting_behind(ended[0])] == [second.id]


def test_a_lane_that_a_younger_job_holds_refuses_its_claim_and_no_other(shared, engine, jobs):
    for n in (1, 2):
        engine.acceptance.accept(a_job(payload={"in lane": n}, lane="L"))
    younger = engine.records.jobs.find_one({"lane": "L"}, sort=[("accepted", -1)])
    held = {"state": "running", "running_lane": "L"}
    engine.records.jobs.update_one({"_id": younger["_id"]}, {"$set": held})

    won = shared.claim_all(come("L", jobs[0].lane))

    assert [claim and claim.job.id for claim in won] == [None, jobs[0].id]


def test_a_lane_that_a_short_read_did_not_come_to_is_asked_for_alone(shared, engine):
    """Eight jobs of two lanes are read: the first one and those of `y` leave no room for `z`."""
    first = engine.acceptance.accept(a_job(payload={"of": "z"}, lane="z")).job
    engine.acceptance.accept(a_job(payload={"multi_lane": 1}, lane="y", further_lanes=["z"]))
    for n in range(7):
        engine.acceptance.accept(a_job(payload={"of y": n}, lane="y"))

    won = shared.claim_all(come("y", "z"))

    assert [claim and claim.job.id for claim in won] == [None, first.id]


def test_a_lane_that_cannot_be_asked_for_costs_no_claim_of_its_round(
    shared, engine, jobs, monkeypatch
):
    def broken(self, coming):
        raise StorageUnavailable("it does not answer")

    monkeypatch.setattr(ClaimBatch, "_take_each", broken)
    for n in range(20):
        engine.acceptance.accept(a_job(payload={"z": n}, lane="z"))
    jobs_lane, other = min(jobs[0].lane, jobs[1].lane), "zz"

    won = shared.claim_all(come(jobs_lane, "z", other))

    assert won[0].job.lane == jobs_lane
    assert isinstance(won[2], StorageUnavailable)


def test_many_threads_claim_each_job_once(shared, engine, jobs):
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda job: shared.claim(job.lane, "w1"), jobs * 3))
        won = [claim for claim in claims if claim]
        ended = []
        list(pool.map(lambda claim: shared.succeed_soon(claim, None, ended.append), won))
    assert shared.drain(10)

    assert sorted(claim.job.id for claim in won) == sorted(job.id for job in jobs)
    assert sorted(job.id for job in ended) == sorted(job.id for job in jobs)


def test_a_round_takes_only_the_heads_of_lanes_however_many_wait(shared, engine):
    for lane in ("a", "b", "c"):
        for n in range(20):
            engine.acceptance.accept(a_job(payload={"lane": lane, "n": n}, lane=lane))

    won = shared.claim_all(come("c", "b", "nobody's", "a"))

    payloads = [claim and claim.job.get("payload") for claim in won]
    assert payloads == [{"lane": lane, "n": 0} if lane else None for lane in ("c", "b", None, "a")]


def test_a_job_of_several_lanes_keeps_both_from_a_round_and_hears_of_it(shared, engine, jobs):
    multi_lane = engine.acceptance.accept(
        a_job(payload={"multi_lane": 1}, lane="y", further_lanes=["z"])
    ).job
    for lane in ("y", "z"):
        engine.acceptance.accept(a_job(payload={lane: 1}, lane=lane))

    won = shared.claim_all(come("z", jobs[0].lane, "y"))

    assert [claim and claim.job.id for claim in won] == [None, jobs[0].id, None]
    assert engine.control.get("alice", multi_lane.id).get("notify_next")


def test_a_job_that_is_not_due_is_left_as_it_is(shared, engine, jobs):
    claim = engine.claims.claim(jobs[0].lane, "w1")
    engine.claims.retry(claim, {"kind": "transient", "message": "later"}, 60)
    before = engine.control.get("alice", jobs[0].id).record

    won = shared.claim_all(come(jobs[0].lane, jobs[1].lane))

    assert [claim and claim.job.id for claim in won] == [None, jobs[1].id]
    assert engine.control.get("alice", jobs[0].id).record == before


def test_a_job_that_crashed_before_is_left_to_a_thread_that_waits_for_it(shared, engine, jobs):
    engine.records.jobs.update_one({"_id": jobs[0].id}, {"$set": {"crashes_in_a_row": 1}})
    lanes = [job.lane for job in jobs[:3]]

    ahead = shared.claim_all([ClaimRequest(lane, "w1", ahead=True) for lane in lanes])

    assert isinstance(ahead[0], LeftToThread)
    assert [claim.job.id for claim in ahead[1:]] == [job.id for job in jobs[1:3]]
    (claim,) = shared.claim_all(come(lanes[0]))
    assert claim.job.id == jobs[0].id


def test_a_lane_that_is_asked_for_ahead_twice_leaves_its_mark(shared, engine, jobs):
    engine.acceptance.accept(a_job(payload={"twice": 1}, lane="L"))

    won = shared.claim_all([ClaimRequest("L", "w1", ahead=True)] * 2)

    assert won[1] is None
    assert won[0].job.get("notify_next")
