"""What is held open ends with the key it was asked for with."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from keepsake.access.keys import KeyStore
from keepsake.memory.storing.documents import owned
from tests.integration.web.event_client import connected
from web.memory.turns import scope_of

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
ENDS_SECONDS = 12
"""Two seconds, and more for a busy machine; a quiet stream would be looked at after 15."""


@pytest.fixture
def meanwhile():
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit


@pytest.fixture
def revoke(database):
    """Revokes all keys of an owner."""
    keys = KeyStore(database)

    def revoked(owner):
        for key in keys.listed(owner):
            keys.revoke(key["_id"])

    return revoked


@pytest.fixture
def busy(clients):
    """Changes a job of alice's again and again, by another key."""
    stop = threading.Event()

    def change(client, url):
        while not stop.is_set():
            client.post(f"{url}:pause")
            client.post(f"{url}:resume")

    with ThreadPoolExecutor(1) as pool:
        yield lambda client, url: pool.submit(change, client, url)
        stop.set()


def test_a_busy_stream_ends_when_its_key_is_revoked(clients, database, busy, meanwhile):
    watcher = clients("alice")
    (watched_by,) = (key["_id"] for key in KeyStore(database).listed("alice"))
    worker = clients("alice")
    job = worker.post("/v2/memory/ingest", json=TURN).json()

    with connected(watcher, "/v1/jobs/events") as events:
        events.until(lambda event, _: event == "snapshot")
        busy(worker, job["status_url"])
        KeyStore(database).revoke(watched_by)
        rest = meanwhile(list, events).result(timeout=ENDS_SECONDS)
        again = watcher.get("/v1/jobs/events", headers={"Last-Event-ID": events.last_id or ""})

    assert rest
    assert again.status_code == 401


@pytest.mark.parametrize("path", ["/v1/jobs/events", "{status_url}/events"])
def test_a_quiet_stream_ends_when_its_key_expires(clients, meanwhile, path):
    soon = datetime.now(UTC) + timedelta(seconds=3)
    watcher = clients("alice", expires_at=soon)
    job = clients("alice").post("/v2/memory/ingest", json=TURN).json()

    with connected(watcher, path.format(**job)) as events:
        events.until(lambda event, _: event == "snapshot")
        rest = meanwhile(list, events).result(timeout=ENDS_SECONDS)

    assert rest == []
    assert watcher.get("/v1/jobs").status_code == 401


def test_a_long_poll_whose_key_is_revoked_is_told_so(clients, revoke, meanwhile):
    alice = clients("alice")
    job = alice.post("/v2/memory/ingest", json=TURN).json()
    waiting = meanwhile(alice.get, job["status_url"], params={"wait": 30})
    revoke("alice")

    assert waiting.result(timeout=ENDS_SECONDS).status_code == 401


def test_a_request_that_waits_for_its_job_is_told_of_its_acceptance(
    clients, database, revoke, meanwhile, eventually
):
    wait = {"Prefer": "wait=30"}
    posted = meanwhile(clients("alice").post, "/v2/memory/ingest", json=TURN, headers=wait)
    eventually(lambda: database["jobs"].find_one({"owner": "alice"}))
    revoke("alice")

    answer = posted.result(timeout=ENDS_SECONDS)

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


def test_an_export_that_is_cut_off_does_not_look_whole(clients, database, revoke, meanwhile):
    alice = clients("alice")
    scope = owned(scope_of("alice", "u1"))
    text = "I like figs. " * 2_000
    database["memories"].insert_many(
        {**scope, "_id": f"m{n:04}", "kind": "memory", "rev": n, "content": text}
        for n in range(2_000)
    )
    with alice.stream("GET", "/v2/memory/export", params={"user_id": "u1"}) as export:
        pieces = export.iter_raw(1_000)
        next(pieces)
        revoke("alice")
        refused = 0
        while refused != 401:
            short = export.url.join(
                "/v1/jobs/job_unknown"
            )  # another export might be cut off itself
            refused = httpx.get(short, headers=alice.headers, timeout=60).status_code
        threading.Event().wait(ENDS_SECONDS / 2)

        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            list(pieces)
