"""Order within a lane, whatever happens to the workers."""

from itertools import pairwise

from keepsake.jobs.states import State

JOBS = 30


def one_after_the_other(database, ids):
    """Whether each job's first effect came after the last one of the job before.

    Not `started_at` and `ended_at`: a claim that had to wait for the end of the job before keeps
    the time at which its command came.
    """
    effects = [
        [effect["at"] for effect in database["probe"].find({"job": job_id})] for job_id in ids
    ]
    return all(max(earlier) <= min(later) for earlier, later in pairwise(effects))


def test_a_lane_keeps_its_order_under_many_workers_and_crashes(
    post, probes, job, database, eventually
):
    probes()
    doomed = probes()
    ids = [post(do="die" if n == 7 else "steps", times=1, lane="L") for n in range(JOBS)]
    eventually(lambda: database["probe"].count_documents({"what": "step-4"}) >= 3, within=60)
    doomed.kill()
    probes()
    probes()

    job(ids[-1], State.SUCCEEDED, within=60)

    runs = list(database["jobs"].find({"_id": {"$in": ids}}))
    assert {run["state"] for run in runs} == {"succeeded"}
    assert one_after_the_other(database, ids)
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


def test_jobs_of_several_lanes_run_between_those_of_each_under_crashes(post, probes, job, database):
    probes()
    probes()
    lanes = [("A",), ("B",), ("A", "B"), ("A",), ("B", "C"), ("C",), ("C", "A", "B"), ("B",)]
    jobs = [
        (post(do="die" if n == 2 else "steps", times=1, lane=lane[0], further_lanes=lane[1:]), lane)
        for n, lane in enumerate(lanes * 2)
    ]
    for job_id, _ in jobs:
        job(job_id, State.SUCCEEDED, within=60)

    runs = {job["_id"]: job for job in database["jobs"].find({})}
    for lane in "ABC":
        mine = [job_id for job_id, lanes in jobs if lane in lanes]
        assert one_after_the_other(database, mine)
    assert sum(run["crashes"] for run in runs.values()) >= 1
