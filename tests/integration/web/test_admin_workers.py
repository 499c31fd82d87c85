"""Worker processes as operators see them, and draining one."""

import pytest

from keepsake import __version__
from keepsake.access.keys import Role

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def operator(clients):
    return clients("olga", role=Role.OPERATOR)


@pytest.fixture
def workers(operator):
    """The workers, by id."""

    def listed():
        rows = operator.get("/v1/admin/workers").json()["workers"]
        return {row["worker"]: row for row in rows}

    return listed


def test_a_worker_says_what_it_is_and_its_records_what_it_runs(alice, workers, engine):
    job = alice.post("/v2/memory/ingest", json=TURN).json()
    about = {"host": "h1", "pid": 7, "version": "9.9", "memory_bytes": 5, "threads": 4,
             "queues": ["keepsake.memory"], "running": [job["job_id"]]}  # fmt: skip
    engine.claims.claim(engine.control.get("alice", job["job_id"]).lane, "h1:7-ab")
    engine.leases.heartbeat("h1:7-ab", about)
    engine.leases.heartbeat("older", {"pid": 8})

    told = workers()

    shown = ("status", "version", "host", "memory_bytes", "threads", "queues")
    assert [told["h1:7-ab"][name] for name in shown] == [
        "running", "9.9", "h1", 5, 4, ["keepsake.memory"],
    ]  # fmt: skip
    (running,) = told["h1:7-ab"]["running"]
    assert (running["job_id"], running["owner"]) == (job["job_id"], "alice")
    assert (told["older"]["version"], told["older"]["running"]) == (None, [])
    assert told["older"]["about"] == {"pid": 8}


def test_a_drained_worker_claims_nothing_more_and_another_does_its_work(
    alice, operator, workers, worker, eventually
):
    quick = {"KEEPSAKE_HEARTBEAT_SECONDS": "0.2", "KEEPSAKE_SWEEP_SECONDS": "0.2",
             "KEEPSAKE_NOTIFY_AGAIN_AFTER_SECONDS": "1"}  # fmt: skip
    process = worker(**quick)
    first = eventually(lambda: next(iter(workers()), None), within=30)
    assert workers()[first]["version"] == __version__
    assert workers()[first]["memory_bytes"] > 10_000_000
    assert "keepsake.memory" in workers()[first]["queues"]

    url = f"/v1/admin/workers/{first}:drain"
    assert operator.post(url, json={"reason": "a new kernel"}).status_code == 204
    eventually(lambda: workers()[first]["status"] == "drained", within=20)
    job = alice.post("/v2/memory/ingest", json=TURN).json()
    waited = alice.get(job["status_url"], params={"wait": 2}).json()
    (wait,) = alice.get(f"{job['status_url']}/waits").json()["waits"]
    worker(**quick)
    ran = alice.get(job["status_url"], params={"wait": 30}).json()

    assert (waited["status"], wait["reason"], ran["status"]) == (
        "pending", "no-worker", "succeeded",
    )  # fmt: skip
    attempt = alice.get(f"{job['status_url']}/attempts").json()["attempts"][0]
    assert attempt["worker"] in workers().keys() - {first}
    assert process.running
    assert workers()[first]["drain"]["reason"] == "a new kernel"
    acts = operator.get("/v1/admin/audit").json()["acts"]
    assert [(act["action"], act["target"]) for act in acts] == [("worker.drain", first)]


def test_a_worker_that_is_not_there_is_not_drained(operator):
    refused = operator.post("/v1/admin/workers/nobody:drain")

    assert (refused.status_code, refused.json()["type"]) == (404, "/problems#worker-not-found")
