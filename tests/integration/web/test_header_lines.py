"""What a request's header lines may be, and which headers every answer has."""

import json
import socket
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest

TURN = json.dumps({"user_query": "I like tea."}).encode()
JSON = b"Content-Type: application/json"
HOST = b"Host: keepsake.test"


@pytest.fixture
def exchange(alice, shared_web):
    """Sends the lines of a head as they are, and a body; the answer and its body."""
    place = urlsplit(shared_web)
    key = b"Authorization: " + alice.headers["Authorization"].encode()

    def send(first, *lines, body=b""):
        head = [first, key, b"Connection: close", *lines, b"Content-Length: %d" % len(body)]
        with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
            connection.sendall(b"\r\n".join([*head, b"", b""]) + body)
            answer = HTTPResponse(connection)
            answer.begin()
            return answer, answer.read()

    return send


def is_refused(answer, content, header):
    problem = json.loads(content)
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert problem["type"] == "/problems#malformed-header"
    assert header in problem["detail"]
    assert len(content) < 300


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        ("Host", []),
        ("Host", [HOST, b"Host: other.test"]),
        ("Host", [b"Host: a b"]),
        ("Host", [b"Host: https://keepsake.test/"]),
        ("Host", [b"Host: user@keepsake.test"]),
        ("Host", [b"Host: [::1"]),
        ("Host", [b"Host: keepsake.test:http"]),
        ("Host", [b"Host: a,b\xff"]),
        ("Authorization", [HOST, b"Authorization: Bearer other"]),
        ("Content-Type", [HOST, JSON, b"content-type: text/plain"]),
        ("Idempotency-Key", [HOST, b"Idempotency-Key: a", b"Idempotency-Key: b"]),
        ("Last-Event-Id", [HOST, b"Last-Event-ID: 1", b"Last-Event-ID: 2"]),
        ("X-Repository-Token", [HOST, b"X-Repository-Token: a", b"X-Repository-Token: b"]),
    ],
)
def test_a_head_that_could_be_understood_in_two_ways_is_refused(exchange, database, header, lines):
    for path in (b"/v2/memory/ingest", b"/healthz"):
        is_refused(*exchange(b"POST %s HTTP/1.1" % path, *lines, body=TURN), header)

    flat, content = exchange(b"GET /v1/scanner/repos HTTP/1.1", *lines)
    assert (flat.status, json.loads(content)["status"]) == (400, "error")
    assert database["jobs"].count_documents({}) == 0


@pytest.mark.parametrize("host", [b"", b"[::1]:8000", b"127.0.0.1:8000", b"a-b.example.", b"a_b"])
def test_every_host_that_is_one_is_served(exchange, host):
    assert exchange(b"GET /v1/jobs HTTP/1.1", b"Host: " + host)[0].status == 200


def test_http_1_0_needs_no_host(exchange):
    assert exchange(b"GET /v1/jobs HTTP/1.0")[0].status == 200


def test_headers_that_are_lists_may_come_in_several_lines(exchange, alice):
    job = alice.post("/v2/memory/ingest", json=json.loads(TURN)).json()["job_id"]
    path = b"GET /v1/jobs/%s HTTP/1.1" % job.encode()
    tag = exchange(path, HOST)[0].headers["ETag"].encode()

    unchanged, _ = exchange(path, HOST, b'If-None-Match: "x"', b"If-None-Match: " + tag)
    preferred, _ = exchange(
        b"POST /v2/memory/ingest HTTP/1.1", HOST, JSON, b"Prefer: respond-async",
        b"Prefer: wait=0", body=TURN,
    )  # fmt: skip

    assert unchanged.status == 304
    assert preferred.status == 202


def test_of_two_request_ids_or_traces_none_is_taken(exchange, database):
    traces = [b"traceparent: 00-%s-00f067aa0ba902b7-01" % (digit * 32) for digit in (b"a", b"b")]
    answer, _ = exchange(
        b"POST /v2/memory/ingest HTTP/1.1", HOST, JSON, b"X-Request-ID: one", b"X-Request-ID: two",
        *traces, body=TURN,
    )  # fmt: skip

    assert answer.status == 202
    assert answer.headers["X-Request-ID"] not in {"one", "two", "one,two"}
    kept = str(database["jobs"].find_one())
    assert "a" * 32 not in kept
    assert "b" * 32 not in kept


@pytest.mark.parametrize("path", [b"/v1/jobs/?page_size=7", b"/v1/memory/ingest/", b"/v1/jobs/a/"])
def test_a_redirect_names_no_host(exchange, path):
    answer, _ = exchange(b"GET %s HTTP/1.1" % path, b"Host: evil.test")
    if answer.status == 404:
        answer, _ = exchange(b"POST %s HTTP/1.1" % path, b"Host: evil.test")

    assert answer.status == 307
    assert answer.headers["Location"] == path.decode().replace("/?", "?").removesuffix("/")


def test_no_answer_names_the_host_that_the_client_named(exchange):
    for path in (b"/v1/jobs?page_size=1", b"/docs", b"/openapi.json", b"/v1/jobs/x", b"/readyz"):
        answer, content = exchange(b"GET %s HTTP/1.1" % path, b"Host: evil.test")
        assert b"evil" not in content
        assert "evil" not in str(answer.headers)


def test_browsers_are_told_to_guess_nothing_and_to_frame_nothing(exchange, alice):
    for path in (b"/docs", b"/healthz", b"/v1/jobs", b"/v1/jobs/x", b"/nothing", b"/openapi.json"):
        answer, _ = exchange(b"GET %s HTTP/1.1" % path, HOST)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    page, content = exchange(b"GET /docs HTTP/1.1", HOST)
    assert b"<script" not in content
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "no-referrer"
