"""Rounds of several claims or successes, called as the threads that share one would."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from bson.errors import InvalidDocument
from pymongo import MongoClient
from pymongo.monitoring import CommandListener

from jobs.records import Records
from jobs.shared_claims import SharedClaims, _Come, _Done
from storage.mongo import MongoSettings
from tests.factories import a_job


class Counting(CommandListener):
    """Counts the commands that a client sends."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    def started(self, event) -> None:
        self.sent[event.command_name] += 1

    def succeeded(self, event) -> None:
        """Not counted."""

    failed = succeeded


@pytest.fixture
def counting():
    return Counting()


@pytest.fixture
def shared(engine, counting):
    url = MongoSettings().checked_url()
    with MongoClient(url, tz_aware=True, event_listeners=[counting]) as client:
        made = SharedClaims(Records(client[engine.records.database.name], engine.settings))
        made._records.prepare()
        counting.sent.clear()
        yield made


@pytest.fixture
def jobs(engine):
    return [engine.acceptance.accept(a_job(payload={"n": n})).job for n in range(20)]


def come(*lanes):
    return [_Come(lane, "w1", awaited=False) for lane in lanes]


def test_a_round_of_claims_is_two_round_trips_and_one_of_solo_successes_one(shared, counting, jobs):
    claims = shared._claim_all(come(*(job.lane for job in jobs)))

    assert counting.sent == {"update": 1, "find": 1}
    assert [claim.job.id for claim in claims] == [job.id for job in jobs]
    assert {claim.token for claim in claims} == {1}
    ended = shared._succeed_all([_Done(claim, {"n": 1}) for claim in claims])
    assert counting.sent == {"update": 2, "find": 1}
    assert {job.state for job in ended} == {"succeeded"}


def test_a_lone_claim_and_success_are_one_round_trip_each(shared, counting, jobs):
    claim = shared.claim(jobs[0].lane, "w1")
    shared.succeed(claim, None)

    assert counting.sent == {"findAndModify": 2}


def test_what_a_round_writes_is_what_single_calls_write(shared, engine, jobs):
    shared._succeed_all(
        [_Done(c, {"n": 1}) for c in shared._claim_all(come(*(j.lane for j in jobs)))]
    )
    alone = engine.acceptance.accept(a_job(payload={"alone": 1})).job
    engine.claims.succeed(engine.claims.claim(alone.lane, "w1"), {"n": 1})

    together, single = (engine.records.jobs.find_one({"_id": job.id}) for job in (jobs[0], alone))
    assert sorted(together) == sorted(single)
    same = ("state", "token", "failures", "revision", "result", "queue")
    assert [together[name] for name in same] == [single[name] for name in same]
    assert [row["state"] for row in together["trail"]] == [row["state"] for row in single["trail"]]


def test_two_who_come_for_one_lane_get_one_claim_and_leave_a_mark(shared, engine):
    first, second = (
        engine.acceptance.accept(a_job(payload={"n": n}, lane="L")).job for n in (1, 2)
    )

    won = shared._claim_all(come("L", "L", "nobody's"))

    assert [claim and claim.job.id for claim in won] == [first.id, None, None]
    other = engine.acceptance.accept(a_job(payload={"n": 3})).job
    claims = [won[0], *shared._claim_all(come(other.lane))]
    ended = shared._succeed_all([_Done(claim, None) for claim in claims])
    assert [bool(job.get("awaited")) for job in ended] == [True, False]
    assert [job.id for job in engine.claims.waiting_behind(ended[0])] == [second.id]


def test_a_lane_that_a_younger_job_holds_refuses_its_claim_and_no_other(shared, engine, jobs):
    for n in (1, 2):
        engine.acceptance.accept(a_job(payload={"in lane": n}, lane="L"))
    younger = engine.records.jobs.find_one({"lane": "L"}, sort=[("accepted", -1)])
    held = {"state": "running", "running_lane": "L"}
    engine.records.jobs.update_one({"_id": younger["_id"]}, {"$set": held})

    won = shared._claim_all(come("L", jobs[0].lane))

    assert [claim and claim.job.id for claim in won] == [None, jobs[0].id]


def test_a_stale_claim_ends_nothing_and_its_neighbours_end(shared, engine, jobs):
    stale, good = shared._claim_all(come(jobs[0].lane, jobs[1].lane))
    engine.claims.release(stale)
    newest = engine.claims.claim(jobs[0].lane, "w2")

    ended = shared._succeed_all([_Done(stale, "stale"), _Done(good, "good")])

    assert [job and job.id for job in ended] == [None, good.job.id]
    assert engine.control.get("alice", jobs[0].id).state == "running"
    assert engine.claims.succeed(newest, "newest")


def test_a_result_that_cannot_be_stored_fails_alone(shared, engine, jobs):
    bad, good = shared._claim_all(come(jobs[0].lane, jobs[1].lane))

    with pytest.raises(InvalidDocument):
        shared.succeed(bad, object())

    assert shared.succeed(good, "good")


def test_many_threads_claim_each_job_once(shared, engine, jobs):
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda job: shared.claim(job.lane, "w1"), jobs * 3))
        won = [claim for claim in claims if claim]
        ended = list(pool.map(lambda claim: shared.succeed(claim, None), won))

    assert sorted(claim.job.id for claim in won) == sorted(job.id for job in jobs)
    assert all(ended)
