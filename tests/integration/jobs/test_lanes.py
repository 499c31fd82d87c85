from jobs.states import State
from tests.factories import a_job


def test_a_lane_runs_its_jobs_in_the_order_they_were_accepted(engine):
    jobs = [engine.acceptance.accept(a_job(payload={"n": n}, lane="L")).job for n in range(5)]

    order = []
    for _ in jobs:
        claim = engine.claims.claim("L", "w")
        assert engine.claims.claim("L", "w2") is None
        order.append(claim.job.id)
        engine.claims.succeed(claim, None)

    assert order == [job.id for job in jobs]


def test_a_retrying_job_keeps_its_place(engine):
    first = engine.acceptance.accept(a_job(payload={"n": 1}, lane="L")).job
    engine.acceptance.accept(a_job(payload={"n": 2}, lane="L"))
    engine.claims.retry(engine.claims.claim("L", "w"), {"kind": "transient"}, 60)

    assert engine.claims.claim("L", "w") is None
    assert engine.control.get("alice", first.id).state is State.RETRYING


def test_a_job_that_may_be_overtaken_goes_to_the_end_of_its_lane(engine):
    engine.acceptance.accept(a_job(payload={"n": 1}, lane="L"))
    second = engine.acceptance.accept(a_job(payload={"n": 2}, lane="L")).job
    first = engine.claims.claim("L", "w")
    engine.claims.retry(first, {"kind": "transient"}, 60, overtaken=True)

    assert engine.claims.claim("L", "w").job.id == second.id


def test_a_cancelled_job_frees_its_lane(engine):
    first = engine.acceptance.accept(a_job(payload={"n": 1}, lane="L")).job
    second = engine.acceptance.accept(a_job(payload={"n": 2}, lane="L")).job

    engine.control.cancel("alice", first.id, by="alice")

    assert engine.claims.claim("L", "w").job.id == second.id


def test_lanes_do_not_wait_for_each_other(engine):
    engine.acceptance.accept(a_job(payload={"n": 1}, lane="L"))
    engine.acceptance.accept(a_job(payload={"n": 2}, lane="M"))

    assert engine.claims.claim("L", "w")
    assert engine.claims.claim("M", "w")
