"""Rounds of several successes, called as the thread of rounds would."""

import pytest
from bson.errors import InvalidDocument

from keepsake.jobs.batched_claims import Completion
from keepsake.jobs.claim_batch import ClaimRequest
from keepsake.jobs.job import Job
from tests.factories import a_job


def come(*lanes):
    return [ClaimRequest(lane, "w1", notify_next=False) for lane in lanes]


def test_a_mark_that_was_left_after_the_claim_is_heard_at_the_end(shared, engine, jobs):
    lone = engine.acceptance.accept(a_job(payload={"first": 1}, lane="L")).job
    claims = shared.claim_all(come(jobs[0].lane, "L", jobs[1].lane))
    engine.acceptance.accept(a_job(payload={"second": 1}, lane="L"))

    assert shared.claim("L", "w1") is None
    ended = shared._succeed_all([Completion(claim, None) for claim in claims])

    assert [bool(job.get("notify_next")) for job in ended] == [False, True, False]
    assert ended[1].id == lone.id


def test_a_stale_claim_ends_nothing_and_its_neighbours_end(shared, engine, jobs):
    stale, good = shared.claim_all(come(jobs[0].lane, jobs[1].lane))
    engine.claims.release(stale)
    newest = engine.claims.claim(jobs[0].lane, "w2")

    ended = shared._succeed_all([Completion(stale, "stale"), Completion(good, "good")])

    assert [job and job.id for job in ended] == [None, good.job.id]
    assert engine.control.get("alice", jobs[0].id).state == "running"
    assert engine.claims.succeed(newest, "newest")


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_claims_of_a_job_in_a_round_the_newest_ends_it(shared, engine, jobs, newest_first):
    stale, good = shared.claim_all(come(jobs[0].lane, jobs[1].lane))
    engine.claims.release(stale)
    newest = engine.claims.claim(jobs[0].lane, "w1")
    done = [Completion(newest, "newest"), Completion(good, "good"), Completion(stale, "stale")]

    ended = shared._succeed_all(done if newest_first else done[::-1])

    assert [job is None for job in ended] == ([False, False, True][:: 1 if newest_first else -1])
    assert engine.control.get("alice", jobs[0].id).get("result") == "newest"


def test_results_that_are_too_large_for_one_command_are_written_alone(shared, engine, jobs):
    claims = shared.claim_all(come(jobs[0].lane, jobs[1].lane))

    ended = shared._succeed_all([Completion(claim, "x" * 9_000_000) for claim in claims])

    assert [job.id for job in ended] == [job.id for job in jobs[:2]]


def test_a_result_that_cannot_be_stored_fails_alone(shared, engine, jobs):
    bad, good = shared.claim_all(come(jobs[0].lane, jobs[1].lane))

    heard = []
    for claim, result in ((bad, object()), (good, "good")):
        shared.succeed_soon(claim, result, heard.append)

    assert shared.drain(10)
    assert [type(one) for one in heard] == [InvalidDocument, Job]


def test_each_success_of_a_round_keeps_its_own_result(shared, engine, jobs):
    claims = shared.claim_all(come(*(job.lane for job in jobs)))
    results = [None, {"n": 1}, "$lane", [1], 0.5]

    shared._succeed_all([Completion(*one) for one in zip(claims[:5], results, strict=True)])

    assert [engine.control.get("alice", job.id).get("result") for job in jobs[:5]] == results


@pytest.mark.parametrize("written", [True, False])
def test_a_round_whose_answer_is_lost_ends_as_if_it_were_not(shared, engine, jobs, losing, written):
    """The driver does not try a statement for several jobs again; it may have been carried out."""
    losing("bulk_write", written=written)
    claims = shared.claim_all(come(*(job.lane for job in jobs)))
    losing("update_many", written=written)
    ended = shared._succeed_all([Completion(claim, None) for claim in claims])

    assert [job.id for job in ended] == [job.id for job in jobs]
    assert {engine.control.get("alice", job.id).state for job in jobs} == {"succeeded"}
    assert {engine.control.get("alice", job.id).get("token") for job in jobs} == {1}
