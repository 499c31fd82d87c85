"""Heads, bodies and answers are bounded in bytes and time, connections in number."""

import json
import os
import re
import resource
import shlex
import socket
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from keepsake.access.keys import KeyStore, Role
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.process import LOOPBACK, Process, free_port, until
from tests.conftest import ROOT
from tests.processes import children

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
SHORT = {
    "KEEPSAKE_HEAD_TIMEOUT_SECONDS": "1",
    "KEEPSAKE_BODY_TIMEOUT_SECONDS": "1",
    "KEEPSAKE_WRITE_TIMEOUT_SECONDS": "1",
}


@pytest.fixture(scope="module")
def hurried(rabbitmq, mongod, tmp_path_factory):
    """A server that waits a second for anything, and its address."""
    process, place = started(tmp_path_factory.mktemp("hurried") / "web.log", **SHORT)
    yield process, place
    process.stop(grace_seconds=5)


def started(log: Path, *before: str, **environment: str) -> tuple[Process, tuple[str, int]]:
    port = free_port()
    command = shlex.join([sys.executable, "-m", "web"])
    process = Process(
        "web", ["sh", "-c", "; ".join([*before, f"exec {command}"])], log=log, directory=ROOT,
        environment={**os.environ, "KEEPSAKE_HTTP_PORT": str(port), **environment},
    )  # fmt: skip
    process.start()
    until(lambda: "web.serving" in process.tail(1_000), process, within_seconds=90)
    return process, (LOOPBACK, port)


@pytest.fixture
def key(database):
    ensure_indexes(database)
    return KeyStore(database).create("alice", role=Role.OPERATOR_READ_ONLY)


@pytest.fixture
def connect():
    """Opens connections; all are closed at the end."""
    with ExitStack() as opened:
        yield lambda place: opened.enter_context(socket.create_connection(place, timeout=30))


def answer(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    received = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            received += part
    return received


def one_answer(connection: socket.socket) -> bytes:
    """The first answer of a connection that stays open; head and body may come apart."""
    received = b""
    while not received.endswith(b"}") and (part := connection.recv(65_536)):
        received += part
    return received


def answered(connection: socket.socket) -> tuple[int, dict[str, object]]:
    """The status and the problem of an answer after which the server closes."""
    head, _, body = answer(connection).partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)


def request(method: str, path: str, *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def cpu_seconds(process: Process) -> float:
    (child,) = children(process.pid)
    fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(process: Process) -> float:
    (child,) = children(process.pid)
    status = Path(f"/proc/{child}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


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
def test_what_has_no_end_is_refused_after_the_limit(hurried, connect, what):
    process, place = hurried
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


def test_a_head_up_to_the_limit_and_a_large_body_in_one_piece_are_served(hurried, connect, key):
    connection = connect(hurried[1])
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


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost:", (408, "/problems#request-too-slow")),
        (b"\x16\x03\x01 no HTTP\r\n\r\n", (400, "/problems#malformed-http")),
    ],
)
def test_a_head_that_does_not_come_or_is_no_http_is_told_so(hurried, connect, sent, refused):
    connection = connect(hurried[1])
    connection.sendall(sent)

    status, problem = answered(connection)

    assert (status, problem["type"]) == refused


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


def test_a_body_is_not_read_before_the_key_is_known(hurried, connect):
    connection = connect(hurried[1])
    connection.sendall(
        request("POST", "/v2/memory/ingest", "Content-Type: application/json",
                "Content-Length: 700000", "Authorization: Bearer ksk_none")
    )  # fmt: skip

    received = connection.recv(65_536)

    assert received.startswith(b"HTTP/1.1 401")


def test_a_body_that_comes_after_its_answer_is_thrown_away_and_the_next_request_served(
    hurried, connect
):
    connection = connect(hurried[1])
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


def test_who_asks_before_sending_a_body_is_not_told_to_go_on_without_a_key(hurried, connect):
    connection = connect(hurried[1])
    connection.sendall(
        request("POST", "/v2/memory/ingest", "Expect: 100-continue", "Content-Length: 100")
    )

    status, problem = answered(connection)

    assert (status, problem["type"]) == (401, "/problems#unauthorized")


def test_who_asks_before_sending_a_body_is_told_to_go_on_with_one(hurried, connect, key):
    connection = connect(hurried[1])
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


def healthy(place: tuple[str, int], path: str = "/healthz", **options) -> int:
    return httpx.get(f"http://{place[0]}:{place[1]}{path}", timeout=20, **options).status_code


def test_silent_connections_give_way_to_others(rabbitmq, mongod, tmp_path, connect, key):
    process, place = started(tmp_path / "web.log", KEEPSAKE_WEB_CONNECTIONS="16")
    headers = {"Authorization": f"Bearer {key}"}
    try:
        for _ in range(100):
            connect(place)
        assert healthy(place) == 200
        assert healthy(place, "/v1/jobs", headers=headers) == 200
        assert (
            'reason="gave way"'
            in httpx.get(f"http://{place[0]}:{place[1]}/metrics", headers=headers, timeout=20).text
        )
    finally:
        process.stop(grace_seconds=5)


def test_a_process_whose_connections_are_all_at_work_refuses_others_and_says_it_lives(
    rabbitmq, mongod, tmp_path, connect, key
):
    process, place = started(tmp_path / "web.log", KEEPSAKE_WEB_CONNECTIONS="16")
    ask = request("GET", "/v1/jobs/events", f"Authorization: Bearer {key}")
    try:
        for _ in range(16):
            stream = connect(place)
            stream.sendall(ask)
            assert stream.recv(12) == b"HTTP/1.1 200"

        refused = httpx.get(f"http://{place[0]}:{place[1]}/v1/jobs", timeout=20)
        assert (refused.status_code, refused.json()["type"]) == (
            503, "/problems#too-many-connections",
        )  # fmt: skip
        assert refused.headers["Retry-After"]
        assert healthy(place) == 200
    finally:
        process.stop(grace_seconds=5)


def test_more_connections_than_files_stop_nothing_and_fill_no_log(rabbitmq, mongod, tmp_path, key):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, hard), hard))
    process, place = started(tmp_path / "web.log", "ulimit -n 600")
    headers = {"Authorization": f"Bearer {key}"}
    try:
        with ExitStack() as opened:
            for _ in range(1_200):
                opened.enter_context(socket.create_connection(place, timeout=30))
            statuses = [healthy(place, path, headers=headers)
                        for path in ("/healthz", "/v1/jobs") * 5]  # fmt: skip
        assert set(statuses) == {200}
        assert "out of system resource" not in process.log.read_text()
        assert process.log.stat().st_size < 100_000
    finally:
        process.stop(grace_seconds=5)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
