"""What makes jobs goes a short way when it is good: its answers are those of the general way.

A query string makes a request go the general way.
"""

import json
import re
from functools import partial

import httpx
import pytest

from keepsake.access.keys import KeyStore
from keepsake.launcher.administration import ensure_indexes

PATH = "/v2/memory/ingest"
WAYS = {"short": PATH, "general": f"{PATH}?general"}
TURN = {"user_query": "I live in Lisbon.", "user_id": "WAY"}
MOVING = re.compile(
    r"job_[0-9a-z]{26}|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=r=)\d+|(key-)?(short|general)(-\d+)?|^[0-9a-f]{32}$"
)
"""Ids, times and what is left of a rate; each request has its own."""
GOOD = [
    {"json": TURN},
    {"json": {**TURN, "agent_response": "ü" * 1_000}},
    {"json": TURN, "headers": {"Prefer": "wait=0"}},
    {"json": TURN, "headers": {"Idempotency-Key": "KEY"}},
    {"json": {**TURN, "user_query": "other"}, "headers": {"Idempotency-Key": "KEY"}},
    {"json": TURN, "headers": {"Idempotency-Key": "KEY"}},
    {"json": TURN, "headers": {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}},
    {"json": TURN, "headers": {"Idempotency-Key": "a b"}},
    {"json": TURN, "headers": {"Prefer": f"wait={'0' * 500}"}},
    {"json": TURN, "headers": {"X-Request-ID": "no id"}},
    {"json": TURN, "headers": {"Authorization": ""}},
    {"json": TURN, "headers": {"Authorization": "Bearer unknown"}},
    {"json": TURN, "headers": {"Authorization": "Bearer SCANNER"}},
    {"content": b"".join([b'{"user_query": "in pieces", ', b'"user_id": "WAY"}'])},
]
BAD = [
    {"content": b" "},
    {"content": b"{"},
    {"content": b"[]"},
    {"content": b'{"user_query": "a\0b"}'},
    {"content": b'{"user_query": "\xff"}'},
    {"json": {}},
    {"json": {**TURN, "more": 1}},
    {"json": {**TURN, "user_id": "a b"}},
    {"json": {**TURN, "user_query": "x" * 300_000}},
    {"json": {"user_query": [[]] * 5_000}},
    {"content": b"[" * 100_000},
    {"content": b"x" * 1_000_000},
    {"content": b"{", "headers": {"Prefer": "x" * 600}},
    {"content": b"{", "headers": {"Authorization": "Bearer unknown"}},
    {"json": TURN, "headers": {"Content-Type": "text/plain"}},
    {"json": TURN, "headers": {"Content-Type": "application/json; charset=utf-8"}},
]


@pytest.fixture(scope="module")
def numbers():
    """Counts requests over all tests of the module."""
    return iter(range(10_000))


@pytest.fixture
def post(database, web_server, numbers):
    """Post by a way; the answer, and the lines about it in the log."""
    ensure_indexes(database)
    keys = KeyStore(database)
    own = {"Authorization": f"Bearer {keys.create('alice')}"}
    scanner = keys.create("alice", scopes=["scanner"])
    process, base_url = web_server()
    client = httpx.Client(base_url=base_url, headers=own, timeout=30)

    def send(way, eventually, request):
        request_id = f"{way}-{next(numbers)}"
        headers = {"Content-Type": "application/json", "X-Request-ID": request_id,
                   **request.get("headers", {})}  # fmt: skip
        for name, value in headers.items():
            headers[name] = value.replace("KEY", f"key-{way}").replace("SCANNER", scanner)
        content = request.get("content") or json.dumps(request.get("json", "")).encode()
        content = content.replace(b"WAY", way.encode())
        answer = client.post(WAYS[way], content=content, headers=headers)
        return answer, eventually(partial(lines, process, answer.headers["X-Request-ID"]))

    yield send
    client.close()


def lines(process, request_id):
    """What the log says of a request, once it has ended."""
    log = process.log.read_text().splitlines()
    events = [json.loads(line) for line in log if request_id in line]
    return events if any(event["event"] == "request" for event in events) else None


def comparable(answer, events):
    """An answer and its log without what differs from request to request."""
    still = partial(MOVING.sub, "…")
    headers = {
        name: still(value)
        for name, value in answer.headers.items()
        if name not in {"date", "content-length"}
    }
    logged = [
        {name: still(str(value)) for name, value in event.items()
         if name not in {"time", "duration_ms"}}
        for event in events
    ]  # fmt: skip
    return answer.status_code, headers, still(answer.text), logged


def test_both_ways_answer_alike(post, eventually):
    differing = []
    for request in [*GOOD, *BAD]:
        short, general = (
            comparable(*post(way, eventually, request)) for way in ("short", "general")
        )
        if short != general:
            differing.append((str(request)[:100], short, general))

    assert differing == []
