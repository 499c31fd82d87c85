"""Deploys: a worker is asked to end while it works."""

from keepsake import __version__
from keepsake.jobs.states import State
from tests.faults.conftest import STEADY


def test_what_cannot_finish_in_the_grace_is_released_and_resumed_at_once(
    post, probes, job, noted, engine, eventually
):
    leaving = probes(KEEPSAKE_STOP_GRACE_SECONDS="1", KEEPSAKE_LEASE_SECONDS="60")
    job_id = post(do="spin")
    noted(job_id, "spinning")
    probes(**STEADY)

    leaving.stop(grace_seconds=60)

    again = eventually(
        lambda: (now := engine.control.get("alice", job_id)).get("token") == 2 and now, within=60
    )
    newest, released = again.get("attempts")[:2]
    assert (released["outcome"], newest["attempt"]) == ("released", 1)
    assert (again.get("failures"), again.get("crashes"), leaving.exit_code) == (0, 0, 0)


def test_a_job_in_steps_is_handed_back_at_its_next_checkpoint(post, probes, job, noted, database):
    leaving = probes(**STEADY)
    job_id = post(do="leave")
    noted(job_id, "step-0")
    leaving.stop(grace_seconds=60)
    probes(**STEADY)

    ended = job(job_id, State.SUCCEEDED)

    times = [row["times"] for row in database["probe"].find({"job": job_id})]
    assert times == [1] * 5
    assert ended.get("attempts")[0]["attempt"] == 1
    assert len(ended.get("attempts")) == 2


def test_a_drained_worker_finishes_what_it_runs_and_passes_on_what_it_holds(
    post, probes, job, noted, engine, eventually, tmp_path
):
    gate = tmp_path / "gate"
    probes(PROBE_GATE=str(gate), **STEADY)
    (drained,) = eventually(engine.leases.workers, within=60)
    assert drained["version"] == __version__
    assert drained["memory_bytes"] > 10_000_000
    assert "keepsake.memory" in drained["queues"]
    running = [post(do="hold") for _ in range(4)]
    for job_id in running:
        noted(job_id, "holding")
    held = [post(do="slow_steps", times=1) for _ in range(6)]

    engine.leases.drain(drained["_id"], by="olga", reason="")
    eventually(lambda: engine.leases.workers()[0].get("drained"), within=20)
    gate.touch()
    probes(**STEADY)

    ended = {job_id: job(job_id, State.SUCCEEDED).get("attempts") for job_id in running + held}
    assert {row["worker"] for job_id in running for row in ended[job_id]} == {drained["_id"]}
    assert [len(ended[job_id]) for job_id in running] == [1] * 4
    assert drained["_id"] not in {ended[job_id][0]["worker"] for job_id in held}
