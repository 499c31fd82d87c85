"""With a backlog of bulk jobs an interactive one starts next."""

import pytest

BACKLOG = 40
AT_ONCE = 16
"""Threads of the worker, and as many claims ahead."""


@pytest.fixture
def backlog(clients):
    """Bulk jobs of alice, for users of their own."""
    alice = clients("alice")
    for number in range(BACKLOG):
        items = [{"user_query": f"I have {number} cats.", "user_id": f"u{number}"}]
        assert alice.post("/v2/memory/batch-ingest", json={"items": items}).status_code == 202
    return alice


def started(database, which):
    return [job["started_at"] for job in database["jobs"].find(which).sort("started_at", 1)]


def all_done(database):
    return not database["jobs"].count_documents({"state": {"$ne": "succeeded"}})


def test_an_interactive_job_of_the_same_and_of_another_owner_starts_next(
    clients, standing_worker, backlog, database, eventually
):
    for client in (backlog, clients("bob")):
        for number in range(3):
            turn = {"user_query": f"I own {number} boats.", "user_id": f"v{number}"}
            assert client.post("/v2/memory/ingest", json=turn).json()["priority"] == "interactive"

    standing_worker()
    eventually(lambda: all_done(database), within=90)

    last = started(database, {"type": "memory.ingest"})[-1]
    assert len(started(database, {"priority": "bulk", "started_at": {"$lt": last}})) <= AT_ONCE


def test_clients_say_what_is_bulk(clients, database):
    alice = clients("alice")
    body = {"user_query": "I ski.", "priority": "bulk"}

    job = alice.post("/v2/memory/ingest", json=body).json()

    assert job["priority"] == "bulk"
    assert "priority" not in database["jobs"].find_one()["payload"]
    refused = alice.post("/v2/memory/ingest", json={**body, "priority": "urgent"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/priority")
