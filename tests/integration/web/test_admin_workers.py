"""Worker processes as operators see them, and draining one."""

import pytest

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


def test_a_worker_is_asked_to_drain_and_says_when_it_is(alice, operator, workers, engine):
    about = {"queues": ["keepsake.memory"], "running": [], "drained": False}
    before = engine.leases.heartbeat("w1", about)
    job = alice.post("/v2/memory/ingest", json=TURN).json()

    asked = operator.post("/v1/admin/workers/w1:drain", json={"reason": "a new kernel"})
    told = engine.leases.heartbeat("w1", about), workers()["w1"]
    engine.leases.heartbeat("w1", {**about, "drained": True})

    assert (asked.status_code, before, told[0]) == (204, False, True)
    assert (told[1]["status"], workers()["w1"]["status"]) == ("draining", "drained")
    assert workers()["w1"]["drain"]["reason"] == "a new kernel"
    (wait,) = alice.get(f"{job['status_url']}/waits").json()["waits"]
    assert wait["reason"] == "no-worker"
    acts = operator.get("/v1/admin/audit").json()["acts"]
    assert [(act["action"], act["target"]) for act in acts] == [("worker.drain", "w1")]


def test_a_worker_that_is_not_there_is_not_drained(operator):
    refused = operator.post("/v1/admin/workers/nobody:drain")

    assert (refused.status_code, refused.json()["type"]) == (404, "/problems#worker-not-found")
