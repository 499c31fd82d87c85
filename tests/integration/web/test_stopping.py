"""A server that stops answers first; a request that is cut off leaves nothing half-done."""

import json
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.integration.web import expectant
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


def test_what_was_connected_before_a_stop_is_answered_and_who_comes_later_is_refused(
    served, eventually
):
    process, client = served
    address = (str(client.base_url.host), client.base_url.port)
    head = (
        "POST /v2/memory/ingest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: {client.headers['Authorization']}\r\nContent-Length: %d\r\n\r\n"
    )
    body = json.dumps(TURN).encode()

    def refused() -> bool:
        try:
            socket.create_connection(address, timeout=5).close()
        except ConnectionRefusedError:
            return True
        return False

    with socket.create_connection(address, timeout=20) as begun:
        begun.sendall((head % len(body)).encode() + body[:5])
        process.signal(signal.SIGTERM)
        eventually(refused, within=20)
        assert process.exit_code is None
        begun.sendall(body[5:])
        first = begun.recv(10_000)

    assert first.startswith(b"HTTP/1.1 202 ")
    assert b"connection: close" in first.lower()


def test_a_first_request_that_is_on_its_way_when_its_server_stops_is_answered(
    web_server, clients, eventually
):
    process, base_url = web_server(expectant.__name__)
    client = clients(None)
    client.base_url = base_url
    address = (str(client.base_url.host), client.base_url.port)

    with socket.create_connection(address, timeout=20) as idle:
        client.get("/healthz")  # made after that connection, which is there then
        process.signal(signal.SIGTERM)
        eventually(lambda: "Shutting down" in process.tail(50), within=20)
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = idle.recv(10_000)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer.lower()
    eventually(lambda: process.exit_code is not None, within=20)


def test_a_request_that_is_cut_off_leaves_a_whole_job_or_none(served, database, eventually):
    _, client = served
    place = urlsplit(str(client.base_url))

    def cut_off(number: int, share: float) -> None:
        body = json.dumps({**TURN, "user_query": f"I own {number} books."}).encode()
        lines = [
            "POST /v2/memory/ingest HTTP/1.1", "Host: x", f"Idempotency-Key: cut-{number}",
            f"Authorization: {client.headers['Authorization']}",
            "Content-Type: application/json", f"Content-Length: {len(body)}", "", "",
        ]  # fmt: skip
        head = "\r\n".join(lines)
        with socket.create_connection((place.hostname, place.port)) as line:
            line.sendall(head.encode() + body[: int(len(body) * share)])

    for number in range(20):
        cut_off(number, share=1 if number < 10 else 0.5)
    statuses = set()
    for number in range(20):
        body = {**TURN, "user_query": f"I own {number} books."}
        headers = {"Idempotency-Key": f"cut-{number}"}
        answer = client.post("/v2/memory/ingest", json=body, headers=headers)
        statuses.add(answer.status_code)
        assert number < 10 or "Idempotency-Replayed" not in answer.headers

    assert statuses == {202}
    assert database["jobs"].count_documents({}) == 20
    assert database["jobs"].count_documents({"payload.user_query": {"$exists": True}}) == 20
