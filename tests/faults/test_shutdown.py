"""Deploys: a worker is asked to end while it works."""

from keepsake.jobs.states import State


def test_what_cannot_finish_in_the_grace_is_released_and_resumed_at_once(
    post, probes, job, noted, engine, eventually
):
    leaving = probes(KEEPSAKE_STOP_GRACE_SECONDS="1", KEEPSAKE_LEASE_SECONDS="60")
    job_id = post(do="spin")
    noted(job_id, "spinning")
    probes()

    leaving.stop(grace_seconds=20)

    again = eventually(
        lambda: (now := engine.control.get("alice", job_id)).get("token") == 2 and now, within=20
    )
    newest, released = again.get("attempts")[:2]
    assert (released["outcome"], newest["attempt"]) == ("released", 1)
    assert (again.get("failures"), again.get("crashes"), leaving.exit_code) == (0, 0, 0)


def test_a_job_in_steps_is_handed_back_at_its_next_checkpoint(post, probes, job, noted, database):
    leaving = probes()
    job_id = post(do="slow_steps", times=20)
    noted(job_id, "step-0")
    leaving.stop(grace_seconds=20)
    probes()

    ended = job(job_id, State.SUCCEEDED)

    times = [row["times"] for row in database["probe"].find({"job": job_id})]
    assert times == [1] * 20
    assert ended.get("attempts")[0]["attempt"] == 1
    assert len(ended.get("attempts")) == 2
