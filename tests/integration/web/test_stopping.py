"""A server that stops answers what was begun, and lets go of who waits."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.web.event_client import connected

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def served(clients, web_server):
    """A client of a server of its own."""
    process, base_url = web_server()
    client = clients("alice")
    client.base_url = base_url
    return process, client


def test_a_server_that_stops_lets_go_of_who_waits_and_answers_them(served, database, eventually):
    process, client = served
    job = client.post("/v2/memory/ingest", json=TURN).json()

    def patient():
        body = {**TURN, "user_query": "I like tea."}
        return client.post("/v2/memory/ingest", json=body, headers={"Prefer": "wait=30"})

    with ThreadPoolExecutor(1) as pool, connected(client, f"{job['status_url']}/events") as events:
        events.until(lambda event, _: event == "snapshot")
        waiting = pool.submit(patient)
        eventually(lambda: database["jobs"].count_documents({}) == 2, within=20)
        process.stop(grace_seconds=20)

        answer = waiting.result(timeout=5)
        assert list(events) == []

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert "Application shutdown complete" in process.tail(20)
