from keepsake.jobs.states import State
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


def multi_lane(engine, n, *lanes):
    new = a_job(payload={"multi_lane": n}, lane=lanes[0], further_lanes=lanes[1:])
    return engine.acceptance.accept(new).job


def test_a_job_of_several_lanes_runs_when_it_is_the_head_of_them_all(engine):
    before = engine.acceptance.accept(a_job(payload={"n": 1}, lane="M")).job
    job = multi_lane(engine, 1, "L", "M")
    running = engine.claims.claim("M", "w")

    assert engine.claims.claim_multi_lane(job.id, "w") is None
    assert engine.claims.claim("L", "w") is None

    ended = engine.claims.succeed(running, None)
    assert ended.get("notify_next")
    assert [waiting_job.id for waiting_job in engine.claims.waiting_behind(ended)] == [job.id]
    assert engine.claims.claim_multi_lane(job.id, "w").job.id == job.id
    assert before.id == ended.id


def test_while_a_job_of_several_lanes_is_unfinished_each_of_them_waits(engine):
    job = multi_lane(engine, 1, "L", "M", "N")
    behind = [
        engine.acceptance.accept(a_job(payload={"n": n}, lane=lane)).job
        for n, lane in enumerate(("L", "M", "N"))
    ]
    assert [engine.claims.claim(lane, "w") for lane in ("L", "M", "N")] == [None] * 3
    claim = engine.claims.claim_multi_lane(job.id, "w")
    assert engine.claims.claim_multi_lane(job.id, "w2") is None
    assert [engine.claims.claim(lane, "w") for lane in ("L", "M", "N")] == [None] * 3

    ended = engine.claims.succeed(claim, None)

    assert ended.get("notify_next")
    waiting = engine.claims.waiting_behind(ended)
    assert sorted(waiting_job.id for waiting_job in waiting) == sorted(
        waiting_job.id for waiting_job in behind
    )
    assert all(engine.claims.claim(lane, "w") for lane in ("L", "M", "N"))


def test_jobs_that_share_lanes_crosswise_run_in_the_order_of_acceptance(engine):
    jobs = [
        multi_lane(engine, 1, "L", "M"),
        multi_lane(engine, 2, "M", "L"),
        multi_lane(engine, 3, "M", "N"),
    ]

    order = []
    for _ in jobs:
        (claim,) = filter(
            None, [engine.claims.claim_multi_lane(job.id, "w") for job in reversed(jobs)]
        )
        order.append(claim.job.id)
        engine.claims.succeed(claim, None)

    assert order == [job.id for job in jobs]


def test_a_replayed_dead_letter_of_several_lanes_has_them_again(engine):
    job = multi_lane(engine, 1, "L", "M")
    engine.dead_letters.give_up(engine.claims.claim_multi_lane(job.id, "w"), {"kind": "permanent"})

    again = engine.replays.replay("alice", job.id, by="alice")

    assert again.lanes == ["L", "M"]
    assert engine.claims.claim_multi_lane(again.id, "w")
