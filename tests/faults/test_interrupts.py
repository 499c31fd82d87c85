"""Time limits, cancels and pauses of actors that do not cooperate."""

import json
from itertools import dropwhile, takewhile

import pytest

from keepsake.jobs.states import State
from keepsake.scanner.job_types import SCAN
from tests.faults.conftest import FAST, STEADY
from tests.processes import shown

LEASE_SECONDS = float(FAST["KEEPSAKE_LEASE_SECONDS"])


@pytest.mark.parametrize("do", ["spin", "in_child"])
def test_an_actor_at_its_time_limit_is_interrupted_and_the_record_says_timeout(
    post, probes, job, do
):
    probes()

    ended = job(post(do=do, attempt_seconds=1), State.RETRYING)

    assert ended.get("error")["kind"] == "timeout"
    row = ended.get("attempts")[0]
    assert (row["outcome"], row["error"]["kind"]) == ("failed", "timeout")
    assert (row["ended_at"] - row["started_at"]).total_seconds() >= 1
    assert shown("keepsake-probe") == []


def test_an_actor_that_cannot_be_interrupted_is_fenced_off(post, probes, job, noted, tmp_path):
    gate = tmp_path / "gate"
    probes(PROBE_GATE=str(gate), **STEADY)
    job_id = post(do="block", attempt_seconds=1)

    ended = job(job_id, State.RETRYING)
    gate.touch()

    assert ended.get("error")["kind"] == "timeout"
    noted(job_id, "refused")
    assert job(job_id, State.SUCCEEDED).get("checkpoint") is None


@pytest.mark.parametrize("do", ["spin", "in_child"])
@pytest.mark.parametrize(("ask", "state"), [("cancel", State.CANCELLED), ("pause", State.PAUSED)])
def test_a_running_job_stops_within_two_heartbeats(
    engine, database, post, probes, noted, do, ask, state
):
    probes()
    job_id = post(do=do)
    noted(job_id, "spinning" if do == "spin" else "child")

    with database["jobs"].watch([{"$match": {"documentKey._id": job_id}}]) as changes:
        getattr(engine.control, ask)("alice", job_id, by="alice", reason="enough")
        written = (change["updateDescription"]["updatedFields"] for change in changes)
        asked = dropwhile(lambda fields: "control" not in fields, written)
        until = list(takewhile(lambda fields: fields.get("state") != state, asked))

    heartbeats = sum("lease_expires_at" in fields for fields in until)
    assert heartbeats <= 2 + 1  # the last one may find it on its way out
    ended = engine.control.get("alice", job_id)
    assert ended.get("cancelled" if ask == "cancel" else "paused")["by"] == "alice"


def test_a_busy_actor_does_not_starve_the_heartbeat(post, probes, job, noted, engine, eventually):
    probes()
    job_id = post(do="spin")
    first = noted(job_id, "spinning")["at"]

    def renewed_past_two_leases() -> bool:
        lease = engine.control.get("alice", job_id).get("lease_expires_at")
        return lease is not None and (lease - first).total_seconds() > 3 * LEASE_SECONDS

    eventually(renewed_past_two_leases, within=30)

    assert engine.control.get("alice", job_id).get("token") == 1


def test_a_dead_worker_is_lost_worker_and_never_timeout(post, probes, job):
    probes()
    dead = post(do="die", times=1, attempt_seconds=LEASE_SECONDS)
    assert job(dead, State.PENDING, State.RUNNING)
    probes()

    ended = job(dead, State.SUCCEEDED)

    assert [row["outcome"] for row in ended.get("attempts")] == ["succeeded", "lost_worker"]
    assert ended.get("failures") == 0


def test_a_job_that_kills_every_worker_is_poison(post, probes, job, eventually):
    poison = post(do="die", times=99)
    for _ in range(3):
        doomed = probes()
        eventually(lambda doomed=doomed: not doomed.running, within=60)
    probes()

    assert job(poison, State.DEAD_LETTER).get("error")["kind"] == "poison"


def test_after_a_crash_one_step_is_repeated_and_no_more(post, probes, job, database, eventually):
    doomed = probes()
    job_id = post(do="steps", die=True)
    eventually(lambda: not doomed.running, within=60)
    probes(**STEADY)

    ended = job(job_id, State.SUCCEEDED)

    times = {row["what"]: row["times"] for row in database["probe"].find({"job": job_id})}
    assert times == {"step-0": 1, "step-1": 1, "step-2": 2, "step-3": 1, "step-4": 1}
    assert set(ended.get("items")) == {"0", "1", "2", "3", "4"}
    assert ended.get("progress")["done"] == 5


@pytest.mark.parametrize(
    ("kind", "state", "recorded"),
    [("permanent", State.DEAD_LETTER, "permanent"), ("transient", State.RETRYING, "transient"),
     ("unknown", State.RETRYING, "transient")],
)  # fmt: skip
def test_a_failure_is_retried_or_given_up_by_its_kind(post, probes, job, kind, state, recorded):
    probes()

    ended = job(post(do="fail", kind=kind, message="my user said hello"), state)

    assert ended.get("error")["kind"] == recorded
    assert ("hello" in str(ended.record["error"])) is (kind != "unknown")


def test_an_unexpected_error_is_one_line_with_its_type_and_places(post, probes, job, eventually):
    worker = probes()
    job_id = post(do="fail", kind="unknown", message="my user said hello")

    job(job_id, State.RETRYING)
    eventually(lambda: '"attempt.failed"' in worker.tail(500))

    lines = [json.loads(line) for line in worker.tail(500).splitlines() if line.startswith("{")]
    (failure,) = (
        line for line in lines if line["level"] == "error" and line.get("attempt") in {None, 1}
    )
    assert (failure["event"], failure["job_id"]) == ("attempt.failed", job_id)
    assert (failure["type"], failure["error"]) == ("memory.ingest", "RuntimeError")
    assert failure["traceback"][-1].startswith("faults/probes.py:")
    assert "hello" not in str(lines)


def test_a_total_deadline_gives_up_what_still_waits(engine, post, probes, job):
    probes()

    ended = job(post(do="fail", kind="transient", total_seconds=1), State.DEAD_LETTER)

    assert ended.get("error")["kind"] == "timeout"


def test_workers_can_serve_one_queue_only(post, probes, job, engine, worker):
    scan = post(do="steps", type=SCAN.name)
    ingest = post(do="steps")
    probes(queues="keepsake.scanner")

    job(scan, State.SUCCEEDED)

    assert engine.control.get("alice", ingest).state is State.PENDING
