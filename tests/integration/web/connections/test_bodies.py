"""Bodies and answers are bounded in bytes and time, and no body is read for nobody."""

import json
import re
import socket
from contextlib import suppress

import httpx
import pytest

from tests.integration.web.connections.conftest import (
    TURN,
    answer,
    answered,
    one_answer,
    request,
)


def test_a_body_that_does_not_come_is_told_so(hurried, connect, key):
    connection = connect(hurried[1])
    head = request("POST", "/v2/memory/ingest", f"Authorization: Bearer {key}",
                   "Content-Type: application/json", "Content-Length: 100")  # fmt: skip
    connection.sendall(head + b'{"user')

    status, problem = answered(connection)

    assert (status, problem["type"]) == (408, "/problems#request-too-slow")


def test_an_answer_that_nobody_reads_does_not_hold_its_connection(hurried, key, eventually):
    _, place = hurried

    def cut() -> float:
        shown = httpx.get(f"http://{place[0]}:{place[1]}/metrics",
                          headers={"Authorization": f"Bearer {key}"}, timeout=30).text  # fmt: skip
        count = re.search(r'keepsake_http_cut_total\{reason="unread"\} (\S+)', shown)
        return float(count[1]) if count else 0

    before = cut()
    unread = socket.socket()
    unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    with unread:
        unread.connect(place)
        unread.sendall(request("GET", "/openapi.json") * 20)
        eventually(lambda: cut() == before + 1, within=30)


def test_a_body_is_not_read_before_the_key_is_known(patient, connect):
    connection = connect(patient[1])
    connection.sendall(
        request("POST", "/v2/memory/ingest", "Content-Type: application/json",
                "Content-Length: 700000", "Authorization: Bearer ksk_none")
    )  # fmt: skip

    received = connection.recv(65_536)

    assert received.startswith(b"HTTP/1.1 401")


def test_a_body_that_comes_after_its_answer_is_thrown_away_and_the_next_request_served(
    patient, connect
):
    connection = connect(patient[1])
    head = request("POST", "/v2/memory/ingest", "Content-Length: 100000")
    connection.sendall(head)
    assert one_answer(connection).startswith(b"HTTP/1.1 401")

    connection.sendall(b"x" * 100_000 + request("GET", "/healthz", "Connection: close"))

    assert answer(connection).startswith(b"HTTP/1.1 200")


def test_a_body_without_an_end_is_not_thrown_away_for_ever(hurried, connect):
    connection = connect(hurried[1])
    connection.sendall(request("POST", "/v2/memory/ingest", "Transfer-Encoding: chunked"))
    piece, sent = b"2000\r\n" + b"x" * 0x2000 + b"\r\n", 0

    with suppress(ConnectionError):
        while sent < 100_000_000:
            connection.sendall(piece)
            sent += len(piece)

    assert sent < 100_000_000


def test_who_asks_before_sending_a_body_is_not_told_to_go_on_without_a_key(patient, connect):
    connection = connect(patient[1])
    connection.sendall(
        request("POST", "/v2/memory/ingest", "Expect: 100-continue", "Content-Length: 100")
    )

    status, problem = answered(connection)

    assert (status, problem["type"]) == (401, "/problems#unauthorized")


def test_who_asks_before_sending_a_body_is_told_to_go_on_with_one(patient, connect, key):
    connection = connect(patient[1])
    body = json.dumps(TURN).encode()
    connection.sendall(
        request("POST", "/v2/memory/ingest", "Expect: 100-continue",
                f"Content-Length: {len(body)}", f"Authorization: Bearer {key}",
                "Content-Type: application/json")
    )  # fmt: skip
    assert connection.recv(100).startswith(b"HTTP/1.1 100")
    connection.sendall(body)

    assert answer(connection).startswith(b"HTTP/1.1 202")


@pytest.mark.parametrize("path", ["/v2/memory/ingest", "/v2/memory/search", "/v1/memory/search",
                                  "/v1/memory/parse_transcript", "/v2/memory/uploads"])  # fmt: skip
def test_a_client_that_leaves_half_way_through_its_body_is_no_fault_of_ours(
    hurried, connect, key, eventually, path
):
    process, place = hurried
    media_type = "multipart/form-data; boundary=b" if "transcript" in path else "application/json"
    lines = process.log.read_text().count("\n")
    connection = connect(place)
    connection.sendall(
        request("POST", path, f"Authorization: Bearer {key}", f"Content-Type: {media_type}",
                "Content-Length: 1000", f"X-Request-ID: leaves{path.replace('/', '.')}")
        + b"--b\r\nContent-Dispo"
    )  # fmt: skip
    connection.close()

    def told() -> list[dict[str, object]]:
        logged = [json.loads(line) for line in process.log.read_text().splitlines()[lines:]]
        return [line for line in logged if str(line.get("request_id")).startswith("leaves")]

    (line,) = eventually(told)
    assert (line["level"], line["event"], line.get("status")) == ("info", "request", 499), line
    assert line["route"] == path
    counted = httpx.get(f"http://{place[0]}:{place[1]}/metrics",
                        headers={"Authorization": f"Bearer {key}"}, timeout=30).text  # fmt: skip
    assert f'route="{path}",status="499"' in counted
    assert 'status="500"' not in counted
