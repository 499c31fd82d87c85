"""Bytes that no client library sends: all are answered, none with a 500, and the next works."""

import json
import re
import socket
from urllib.parse import urlsplit

import pytest

KEY = re.compile(rb"^HTTP/1\.1 (\d{3})")
DEEP = 5_000


@pytest.fixture
def send(alice, shared_web):
    """Sends raw bytes on a connection of their own; the answer's status is returned."""
    host, _, port = urlsplit(shared_web).netloc.partition(":")
    authorization = alice.headers["Authorization"].encode()

    def exchange(head: bytes, body: bytes = b"", *headers: bytes) -> int:
        lines = [head, b"Host: test", b"Authorization: " + authorization, b"Connection: close"]
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"\r\n".join([*lines, *headers, b"", b""]) + body)
            answer = b""
            while part := connection.recv(65_536):
                answer += part
        key = KEY.match(answer)
        assert key, f"no answer: {answer[:80]!r}"
        return int(key[1])

    yield exchange
    assert alice.get("/v1/jobs").status_code == 200


def json_headers(body: bytes) -> tuple[bytes, ...]:
    return (b"Content-Type: application/json", b"Content-Length: %d" % len(body))


POSTS = [
    "/v2/memory/ingest",
    "/v2/memory/batch-ingest",
    "/v2/memory/scrape",
    "/v2/memory/search",
    "/v2/memory/retrieve",
    "/v2/scanner/scans",
    "/v1/memory/ingest",
    "/v1/memory/search",
    "/v1/jobs:cancel",
    "/v1/jobs/job_x:cancel",
]
BODIES = {
    "nothing": b"",
    "a number with 5,000 digits": b"1" * 5_000,
    "a number past any float": b'{"top_k": 1e999}',
    "not a number": b'{"user_query": NaN, "query": NaN}',
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a lone surrogate": rb'{"user_query": "\ud800", "query": "\ud800", "url": "\ud800"}',
    "a surrogate as a name": rb'{"user_query": "tea", "query": "tea", "\ud800\u0001": 1}',
    "NUL": rb'{"user_query": "\u0000", "query": "a\u0000b", "url": "https://a.example/\u0000b"}',
    "bytes that are no UTF-8": b'{"user_query": "\xff\xfe", "query": "\xc3"}',
    "UTF-16": '{"user_query": "tea", "query": "tea"}'.encode("utf-16"),
    "a key twice": b'{"query": "a", "query": "b", "user_query": "a", "user_query": "b"}',
    "an operator of MongoDB": b'{"user_query": {"$ne": ""}, "query": {"$gt": ""}}',
    "a field path": b'{"user_query": "$name", "query": "$$ROOT", "user_id": "a.b"}',
    "odd dates": rb'{"user_query": "tea", "session_datetime": "0001-01-01T00:00:00+14:00"}',
    "a year past all": rb'{"user_query": "tea", "session_datetime": "9999-12-31T23:59:59-14:00"}',
}


@pytest.mark.parametrize("what", BODIES)
def test_no_body_gets_a_500(send, what):
    body = BODIES[what]

    for path in POSTS:
        status = send(b"POST %s HTTP/1.1" % path.encode(), body, *json_headers(body))
        assert 200 <= status < 500, f"{path}: {status}"


PATHS = [
    b"/v1/jobs/%00",
    b"/v1/jobs/%ff%fe",
    b"/v1/jobs/%",
    b"/v1/jobs/%zz",
    b"/v1/jobs/%ED%A0%80",
    b"/v1/jobs/" + b"a" * 20_000,
    b"/v1/jobs/../../etc/passwd",
    b"//v1/jobs",
    b"/v1/jobs?status=%00",
    b"/v1/jobs?status=%ff&status=&&&=&;",
    b"/v1/jobs?page_size=99999999999999999999999999",
    b"/v1/jobs?page_size=%D9%A1",
    b"/v1/jobs?created_after=-1",
    b"/v1/jobs?created_after=99999-01-01T00:00:00Z",
    b"/v1/jobs?page_token=%00",
    b"/v1/jobs?page_token=W10=",
    b"/v1/jobs?page_token=bnVsbA==",
    b"/v1/jobs?page_token=WzFlOTk5LCAxLCAxXQ==",
    b"/v1/jobs?page_token=\xff",
    b"/v1/jobs?" + b"status=pending&" * 2_000,
    b"/v1/jobs/job_x?wait=0x1",
    b"/v1/jobs/job_x/items?page_token=%D9%A1",
    b"/v2/memory/memories?user_id=%00",
    b"/v2/memory/memories?page_token=e30=",
    b"/v2/memory/memories/%00?user_id=%F0%9F%98%80",
    b"/v2/memory/export?user_id=%ff",
    b"/v2/scanner/repositories/%00/%ff/symbols?name=%00",
    b"/v2/scanner/repositories/a/b/search?query=%5B&branch=%00",
    b"/v2/scanner/repositories/a/b/source?path=../../../etc/passwd",
    b"/v1/dead-letters/%00",
    b"/v1/admin/keys?owner=%00",
    b"/openapi.json?%00",
    b"*",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40].decode("latin-1"))
def test_no_path_or_query_gets_a_500(send, path):
    for method in (b"GET", b"DELETE", b"OPTIONS", b"BREW"):
        assert 200 <= send(b"%s %s HTTP/1.1" % (method, path)) < 500


HEADERS = {
    "two keys": [b"Authorization: Bearer other"],
    "two idempotency keys": [b"Idempotency-Key: a", b"Idempotency-Key: b"],
    "an idempotency key of bytes": [b"Idempotency-Key: \xff\xfe"],
    "a long idempotency key": [b"Idempotency-Key: " + b"k" * 5_000],
    "odd preferences": [b"Prefer: wait=\xff", b"Prefer: wait=99999999999999999999", b"Prefer: ,;="],
    "two media types": [b"Content-Type: text/plain"],
    "a media type that is none": [b"Content-Type: \xff/;;charset=\x01"],
    "a request id of bytes": [b"X-Request-ID: \xff\xfe\x01"],
    "a traceparent that is none": [b"traceparent: 00-zz-\xff"],
    "an event id of bytes": [b"Last-Event-ID: \xd9\xa1"],
    "many headers": [b"X-%d: x" % number for number in range(500)],
}


@pytest.mark.parametrize("what", HEADERS)
def test_no_header_gets_a_500(send, what):
    body = json.dumps({"user_query": f"I like tea and {what}."}).encode()
    headers = (*HEADERS[what], *json_headers(body))

    assert 200 <= send(b"POST /v2/memory/ingest HTTP/1.1", body, *headers) < 500
    assert 200 <= send(b"GET /v1/jobs/job_x HTTP/1.1", b"", *HEADERS[what]) < 500
    assert 200 <= send(b"GET /v1/jobs/job_x/events HTTP/1.1", b"", *HEADERS[what]) < 500


CHUNKED = (b"Content-Type: application/json", b"Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'f\r\n{"query": "tea"\r\n1\r\n}\r\n0\r\n\r\n', CHUNKED),
        (b"zz\r\n{}\r\n0\r\n\r\n", CHUNKED),
        (b"ffffffffffffffffff\r\n{}\r\n0\r\n\r\n", CHUNKED),
        (b"{}", (b"Content-Type: application/json", b"Content-Length: -1")),
        (b"{}", (b"Content-Type: application/json", b"Content-Length: 2", b"Content-Length: 3")),
        (b"{}", (b"Content-Type: application/json", b"Content-Length: 99999999999999999999999")),
        (b"2\r\n{}\r\n0\r\n\r\n", (*CHUNKED, b"Content-Length: 2")),
    ],
)  # fmt: skip
def test_no_framing_gets_a_500(send, body, headers):
    assert 200 <= send(b"POST /v2/memory/search HTTP/1.1", body, *headers) < 500
