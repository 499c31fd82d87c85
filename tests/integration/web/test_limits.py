"""Limits: requests per second, unfinished jobs, sizes and types of bodies."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import Request

from keepsake.access.buckets import TokenBuckets
from keepsake.access.keys import KeyLimits, KeyStore, Principal, Role
from web.edge.limits import RequestLimit
from web.problems import Problem
from web.settings import WebSettings

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


def test_requests_past_the_rate_are_refused_and_say_when_to_come_back(clients):
    slow = clients("alice", limits=KeyLimits(requests_per_second=0.02))

    first = slow.get("/v1/jobs")
    refused = slow.get("/v1/jobs")

    assert first.status_code == 200
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems#too-many-requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 50
    assert "r=0" in refused.headers["RateLimit"]
    assert "q=1;" in refused.headers["RateLimit-Policy"]


def test_a_limit_of_one_key_is_not_anothers(clients):
    clients("alice", limits=KeyLimits(requests_per_second=0.2)).get("/v1/jobs")

    assert clients("alice").get("/v1/jobs").status_code == 200
    assert clients("bob").get("/v1/jobs").status_code == 200


def test_two_processes_share_a_rate(clients, web_server):
    client = clients("alice", limits=KeyLimits(requests_per_second=5))
    other = httpx.Client(base_url=web_server()[1], headers=client.headers, timeout=30)

    with other:
        statuses = [(client, other)[n % 2].get("/v1/jobs").status_code for n in range(40)]

    assert statuses.count(200) < 25
    assert 429 in statuses


def test_a_flood_past_the_rate_keeps_no_process_from_answering(clients, web_server):
    flood = clients("alice", limits=KeyLimits(requests_per_second=10))
    _, base_url = web_server()
    statuses: list[int] = []
    over = threading.Event()

    def hammer() -> None:
        with httpx.Client(base_url=base_url, headers=flood.headers, timeout=20) as client:
            while not over.is_set():
                statuses.append(client.get("/v1/jobs").status_code)

    with ThreadPoolExecutor(64) as pool, httpx.Client(base_url=base_url, timeout=20) as probe:
        hammering = [pool.submit(hammer) for _ in range(64)]
        try:
            while len(statuses) < 5_000:
                assert probe.get("/healthz").status_code == 200
        finally:
            over.set()
        for thread in hammering:
            thread.result()

    assert set(statuses) == {200, 429}


def test_a_dry_bucket_is_not_asked_before_it_can_have_regained_a_token(database):
    asked = []

    class Asked(TokenBuckets):
        def take(self, name, rate, wanted):
            asked.append(name)
            return super().take(name, rate, wanted)

    limit = RequestLimit(Asked(database), WebSettings())
    slow = Principal("alice", Role.OWNER, "key_1", limits=KeyLimits(requests_per_second=0.01))

    async def ask() -> int | None:
        try:
            await limit.spend(slow, Request({"type": "http"}))
        except Problem as refused:
            return refused.status
        return None

    async def together(number: int) -> list[int | None]:
        return await asyncio.gather(*(ask() for _ in range(number)))

    async def scenario() -> list[int | None]:
        return [*(await together(50)), *(await together(50))]

    statuses = asyncio.run(scenario())

    assert statuses.count(None) == 1
    assert set(statuses) == {None, 429}
    assert len(asked) == 1


def test_a_full_backlog_takes_no_more_until_a_job_ends(clients, web_server, eventually):
    client = clients("alice", limits=KeyLimits(backlog=2))
    first = client.post("/v2/memory/ingest", json=TURN).json()
    client.post("/v2/memory/ingest", json={**TURN, "user_query": "I like tea."})

    refused = client.post("/v2/memory/ingest", json={**TURN, "user_query": "I like figs."})
    client.post(f"{first['status_url']}:cancel")

    assert (refused.status_code, refused.json()["type"]) == (429, "/problems#backlog-full")
    assert refused.json()["limit"] == 2
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    eventually(lambda: client.post("/v2/memory/ingest", json=TURN).status_code == 202)


def test_who_stores_as_much_as_it_may_adds_nothing_and_still_reads_exports_and_erases(
    clients, database
):
    stored = {"turns": 600, "memories": 200, "vectors": 100}
    code = {"code_index": 50, "code_text": 30, "code_vectors": 20}
    database["memory_users"].insert_one(
        {"owner": "full", "user_id": "u1", "revision": 1, "epoch": 0, "stored": stored}
    )
    database["code_repositories"].insert_one({"owner": "full", "stored": code})
    client = clients("full", limits=KeyLimits(stored_bytes=1_000))
    other = clients("full", limits=KeyLimits(stored_bytes=1_600))
    turn = {**TURN, "user_id": "u1"}
    adding = {
        "/v2/memory/ingest": turn, "/v2/memory/batch-ingest": {"items": [turn]},
        "/v2/memory/scrape": {"transcript": "User: I ski.\nAssistant: Nice.\n"},
        "/v2/memory/import": {"export": "{}"}, "/v1/memory/ingest": turn,
        "/v1/memory/batch-ingest": {"items": [turn]},
        "/v2/scanner/scans": {"url": "https://github.com/acme/shop", "options": {"force": True}},
    }  # fmt: skip

    refused = [client.post(path, json=body) for path, body in adding.items()]
    refused.append(client.patch("/v2/memory/memories/mem_1", json={"content": "I ski."}))
    refused.append(client.post("/v2/memory/uploads", content=b"[]"))
    usage = client.get("/v2/usage").json()

    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert refused[0].json()["type"] == "/problems#quota-exceeded"
    assert (refused[0].json()["limit_bytes"], refused[0].json()["stored_bytes"]) == (1_000, 1_000)
    assert usage == {"owner": "full", "bytes": {**stored, "uploads": 0, **code},
                     "stored_bytes": 1_000, "limit_bytes": 1_000}  # fmt: skip
    assert other.post("/v2/memory/ingest", json=turn).status_code == 202
    assert other.post("/v2/memory/uploads", content=b"[" + b" " * 700).status_code == 403
    assert client.get("/v2/memory/export", params={"user_id": "u1"}).status_code == 200
    search = {"query": "tea", "user_id": "u1"}
    assert client.post("/v2/memory/search", json=search).status_code == 200
    assert client.delete("/v2/memory/users/u2").status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_before_it_is_parsed(web_server, clients, chunked):
    client = clients("alice")
    _, client.base_url = web_server(
        KEEPSAKE_BODY_LIMIT_BYTES="2000", KEEPSAKE_UPLOAD_LIMIT_BYTES="5000"
    )
    body = b'{"user_query": "' + b"x" * 4_000
    headers = {"Content-Type": "application/json"}

    refused = client.post(
        "/v2/memory/ingest", content=iter([body, body]) if chunked else body, headers=headers
    )

    upload = iter([body, body]) if chunked else body + body
    uploads = [client.post("/v2/memory/uploads", content=some) for some in (body, upload)]

    assert (refused.status_code, refused.json()["type"]) == (413, "/problems#body-too-large")
    assert [answer.status_code for answer in uploads] == [202, 413]
    assert uploads[1].json()["limit_bytes"] == 5_000


@pytest.mark.parametrize(
    ("content", "media_type", "status", "kind"),
    [
        (b'{"user_query": }', "application/json", 400, "malformed-json"),
        (b"\xff\xfe", "application/json", 400, "malformed-json"),
        (b"[" * 900, "application/json", 400, "malformed-json"),
        (b"[" * 100_000, "application/json", 422, "invalid-request"),
        (b"user_query=tea", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b"tea", "text/plain", 415, "unsupported-media-type"),
        (b"", "application/json", 422, "invalid-request"),
        (b"null", "application/json", 422, "invalid-request"),
    ],
)
def test_a_body_that_does_not_fit_is_told_what_is_wrong(alice, content, media_type, status, kind):
    refused = alice.post("/v2/memory/ingest", content=content, headers={"Content-Type": media_type})

    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems#{kind}")


def test_a_request_id_is_taken_up_or_made(alice):
    assert alice.get("/healthz", headers={"X-Request-ID": "trace-1"}).headers["X-Request-ID"] == (
        "trace-1"
    )
    new_ids = {alice.get("/healthz", headers={"X-Request-ID": "a\tb"}).headers["X-Request-ID"]
            for _ in range(2)}  # fmt: skip
    assert len(new_ids) == 2
    assert "a\tb" not in new_ids


def test_a_revoked_key_is_refused_at_once(alice, database, eventually):
    alice.get("/v1/jobs")
    KeyStore(database).revoke(KeyStore(database).listed("alice")[0]["_id"])

    eventually(lambda: alice.get("/v1/jobs").status_code == 401, within=4)  # not after 5


def test_a_key_is_held_to_its_scopes(clients):
    reader = clients("alice", scopes=["jobs"])

    refused = reader.post("/v2/memory/ingest", json=TURN)

    assert reader.get("/v1/jobs").status_code == 200
    assert (refused.status_code, refused.json()["needed"]) == (403, "memory")
