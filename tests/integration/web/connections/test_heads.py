"""Heads are bounded in bytes and time."""

import json
from contextlib import suppress

import pytest

from tests.integration.web.connections.conftest import (
    TURN,
    answer,
    answered,
    cpu_seconds,
    memory_mb,
    request,
)

ENDLESS = {
    "a header": (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ", b"x" * 1_000),
    "headers": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-Many: y\r\n" * 100),
    "a path": (b"GET /", b"x" * 1_000),
    "a trailer": (
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Long: ",
        b"x" * 1_000,
    ),
    "a chunk's extension": (
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"x" * 1_000,
    ),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_has_no_end_is_refused_after_the_limit(patient, connect, what):
    process, place = patient
    cpu, memory = cpu_seconds(process), memory_mb(process)
    connection = connect(place)
    first, more = ENDLESS[what]

    sent = 0
    with suppress(ConnectionError):
        connection.sendall(first)
        while sent < 20_000_000:
            connection.sendall(more)
            sent += len(more)

    assert sent < 20_000_000
    received = answer(connection)
    assert received == b"" or b" 431 " in received or b" 405 " in received
    if what in ("a header", "headers", "a path"):
        assert b"/problems#head-too-large" in received
    assert cpu_seconds(process) - cpu < 2
    assert memory_mb(process) - memory < 30


def test_a_head_up_to_the_limit_and_a_large_body_in_one_piece_are_served(patient, connect, key):
    connection = connect(patient[1])
    body = json.dumps({**TURN, "agent_response": "x" * 9_000}).encode()
    connection.sendall(
        request(
            "POST", "/v2/memory/ingest", f"Authorization: Bearer {key}", "Connection: close",
            f"Content-Length: {len(body)}", "Content-Type: application/json",
            f"X-Long: {'x' * 60_000}",
        )
        + body
    )  # fmt: skip

    assert answer(connection).startswith(b"HTTP/1.1 202")


def test_a_connection_that_asks_nothing_is_closed(hurried, connect):
    assert answer(connect(hurried[1])) == b""


def test_a_head_that_does_not_come_is_told_so(hurried, connect):
    connection = connect(hurried[1])
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost:")

    status, problem = answered(connection)

    assert (status, problem["type"]) == (408, "/problems#request-too-slow")


def test_what_is_no_http_is_told_so(patient, connect):
    connection = connect(patient[1])
    connection.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")

    status, problem = answered(connection)

    assert (status, problem["type"]) == (400, "/problems#malformed-http")
