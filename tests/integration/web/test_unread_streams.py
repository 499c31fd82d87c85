"""A client that does not read costs a bounded part of memory, for a bounded time."""

import socket
from contextlib import suppress
from pathlib import Path

import pytest

from keepsake.jobs.expressions import NOW
from tests.factories import a_job
from tests.processes import children

JOBS, ROUNDS = 1_000, 100
BOUND_MB = 200


@pytest.fixture
def web(web_server):
    """A server whose clients may leave little unread for long, and have one stream each."""
    return web_server(KEEPSAKE_WRITE_TIMEOUT_SECONDS="2", KEEPSAKE_STREAMS_PER_OWNER="1")


@pytest.fixture
def client(clients, web):
    alice = clients("alice")
    _, alice.base_url = web
    return alice


@pytest.fixture
def unread(client):
    """A connection that asks for events and reads its first bytes alone."""
    with socket.create_connection(
        (client.base_url.host, client.base_url.port), timeout=30
    ) as connection:
        head = f"GET /v1/jobs/events HTTP/1.1\r\nHost: {client.base_url.host}\r\n"
        key = client.headers["Authorization"]
        connection.sendall(f"{head}Authorization: {key}\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
        yield connection


def sent_to(connection):
    """What a client that reads after all gets, up to the end of its connection."""
    pieces = []
    with suppress(ConnectionError):
        while piece := connection.recv(1 << 20):
            pieces.append(piece)
    return b"".join(pieces)


def memory_mb(process):
    (child,) = children(process.pid)
    lines = Path(f"/proc/{child}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def progressed(engine):
    """All jobs of alice tell a little."""
    revision = {"$add": ["$revision", 1]}
    progress = {"stage": "parse", "done": 1, "total": 2, "unit": "files", "failed": 0,
                "message": "x" * 1_000, "revision": revision}  # fmt: skip
    change = {"$set": {"revision": revision, "updated_at": NOW, "progress": progress}}
    engine.records.jobs.update_many({"owner": "alice"}, [change])


def test_a_stream_that_nobody_reads_is_cut_and_costs_a_bounded_part_of_memory(
    engine, web, client, unread, eventually
):
    engine.acceptance.accept_all([a_job(payload={"n": n}) for n in range(JOBS)])
    refused = client.get("/v1/jobs/events")
    before, grown = memory_mb(web[0]), []

    for _ in range(ROUNDS):
        progressed(engine)
        grown.append(memory_mb(web[0]) - before)

    def another():
        with client.stream("GET", "/v1/jobs/events") as stream:
            return stream.status_code == 200

    eventually(another, within=30)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems#too-many-streams")
    assert refused.headers["Retry-After"]
    assert max(grown) < BOUND_MB
    assert not sent_to(unread).endswith(b"0\r\n\r\n")
