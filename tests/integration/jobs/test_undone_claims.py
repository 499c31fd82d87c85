"""A crash of MongoDB's primary undoes a claim, and the job's next claim gets the same token."""

import pytest

from keepsake.jobs.batched_claims import BatchedClaims, Completion
from keepsake.jobs.claim_batch import ClaimBatch, ClaimRequest
from keepsake.jobs.errors import LeaseLost
from tests.factories import a_job

ERROR = {"kind": "transient", "type": "busy", "message": "busy"}


@pytest.fixture
def undone(engine):
    """Claim a job, take the claim back as a rollback does, and let another worker claim it."""

    def claim_twice(claim):
        job = engine.acceptance.accept(a_job()).job
        before = engine.records.jobs.find_one({"_id": job.id})
        stale = claim(job)
        engine.records.jobs.replace_one({"_id": job.id}, before)
        newest = engine.claims.claim(job.lane, "w2")
        assert (stale.token, stale.claim_id) != (newest.token, newest.claim_id)
        assert stale.token == newest.token
        return stale, newest

    return claim_twice


@pytest.fixture
def alone(engine, undone):
    return undone(lambda job: engine.claims.claim(job.lane, "w1"))


def commit(engine, claim):
    with engine.records.database.client.start_session() as session, session.start_transaction():
        engine.claims.assert_owned(claim, session)


WRITES = {
    "save": lambda engine, claim: engine.claims.save(claim, {"checkpoint": 1}),
    "log": lambda engine, claim: engine.claims.log(claim, "info", "a line"),
    "commit": commit,
    "succeed": lambda engine, claim: engine.claims.succeed(claim, "stale"),
    "retry": lambda engine, claim: engine.claims.retry(claim, ERROR, 0),
    "release": lambda engine, claim: engine.claims.release(claim),
    "suspend": lambda engine, claim: engine.claims.suspend(claim),
    "stop": lambda engine, claim: engine.claims.stop(claim),
    "give up": lambda engine, claim: engine.dead_letters.give_up(claim, ERROR),
    "renew": lambda engine, claim: engine.leases.renew([claim]),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_claim_that_was_undone_writes_nothing(engine, alone, write):
    stale, newest = alone
    if write == "stop":
        engine.control.cancel("alice", newest.job.id, by="alice")
    before = engine.records.jobs.find_one({"_id": newest.job.id})

    try:
        written = WRITES[write](engine, stale)
    except LeaseLost:
        written = None

    assert not written
    assert engine.records.jobs.find_one({"_id": newest.job.id}) == before
    assert engine.claims.succeed(newest, "newest")


def test_a_claim_of_a_batch_that_was_undone_writes_nothing(engine, undone):
    batched = BatchedClaims(engine.records)
    stale, newest = undone(lambda job: batched.claim(job.lane, "w1"))
    other = engine.claims.claim(engine.acceptance.accept(a_job(payload={"n": 2})).job.lane, "w1")

    ended = batched._succeed_all([Completion(stale, "stale"), Completion(other, "other")])

    assert [job and job.id for job in ended] == [None, other.job.id]
    assert [status.claim_id for status in engine.leases.renew([stale, newest])] == [newest.claim_id]
    assert engine.claims.succeed(newest, "newest")


def test_a_claim_that_was_undone_is_not_told_that_it_ended_what_the_next_one_ended(engine, alone):
    stale, newest = alone
    other = engine.claims.claim(engine.acceptance.accept(a_job(payload={"n": 2})).job.lane, "w1")
    batched = BatchedClaims(engine.records)
    assert engine.claims.succeed(newest, "newest")

    ended = batched._succeed_all([Completion(stale, "stale"), Completion(other, "other")])

    assert [job and job.id for job in ended] == [None, other.job.id]


def test_a_claim_whose_end_was_not_answered_is_told_of_it(engine):
    claims = [engine.claims.claim(engine.acceptance.accept(a_job(payload={"n": n})).job.lane, "w1")
              for n in range(2)]  # fmt: skip
    batched = BatchedClaims(engine.records)
    batched._succeed_all([Completion(claim, "done") for claim in claims])

    again = batched._succeed_all([Completion(claim, "done") for claim in claims])

    assert [job.id for job in again] == [claim.job.id for claim in claims]


def test_a_head_that_a_crash_of_the_primary_puts_behind_another_again_is_handed_back(
    engine, monkeypatch
):
    first, second, other = (
        engine.acceptance.accept(a_job(lane=lane, payload={"n": number})).job
        for number, lane in enumerate(["home", "home", None])
    )
    waiting = engine.records.jobs.find_one({"_id": first.id})
    engine.claims.succeed(engine.claims.claim("home", "w1"), None)
    read = ClaimBatch._heads

    def crash_after_the_first_read(self, lanes, fields):
        heads = read(self, lanes, fields)
        engine.records.jobs.replace_one({"_id": first.id}, waiting)
        monkeypatch.setattr(ClaimBatch, "_heads", read)
        return heads

    monkeypatch.setattr(ClaimBatch, "_heads", crash_after_the_first_read)
    requests = [ClaimRequest(lane, "w2", ahead=True) for lane in ("home", other.lane)]
    overtaken, own = BatchedClaims(engine.records).claim_all(requests)

    assert overtaken is None
    assert own.job.id == other.id
    assert engine.control.get("alice", second.id).state == "pending"
    assert engine.claims.claim("home", "w2").job.id == first.id


def test_a_batch_looks_once_more_at_the_lanes_that_several_jobs_share(engine):
    lanes = [f"lane {number}" for number in range(5)]
    for number, lane in enumerate(lanes * 20):  # deeper than one read finds the heads of all
        engine.acceptance.accept(a_job(lane=lane, payload={"n": number}))

    claims = BatchedClaims(engine.records).claim_all([ClaimRequest(lane, "w1") for lane in lanes])

    assert [claim.job.lane for claim in claims] == lanes
