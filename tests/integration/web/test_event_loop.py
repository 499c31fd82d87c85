"""Nothing blocks the event loop: a server runs on a loop that tells, and is asked everything."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from keepsake.access.keys import KeyStore, Role
from keepsake.launcher.administration import ensure_indexes
from tests.integration.web import routes
from tests.integration.web.watched_loop import BLOCKS, WatchedLoop

ROOT = Path(__file__).parents[3]
TURN = {"user_query": "I live in Lisbon and I am allergic to peanuts.", "user_id": "u1"}
LONG = "User: I like tea.\nAssistant: Noted.\n" * 100_000
BATCH = {"items": [{"user_query": f"I own {n} books.", "user_id": "u1"} for n in range(100)]}
HEAVY = [
    ("POST", "/v2/memory/batch-ingest", {"json": BATCH}),
    ("POST", "/v2/memory/scrape", {"json": {"transcript": LONG}}),
    ("POST", "/v2/memory/ingest", {"json": TURN, "headers": {"Prefer": "wait=1"}}),
    ("POST", "/v1/memory/ingest", {"json": TURN}),
    ("POST", "/v1/memory/search", {"json": {"query": "tea", "user_id": "u1"}}),
    ("POST", "/v1/memory/parse_transcript", {"files": {"file": ("t.txt", LONG)}}),
    ("POST", "/v1/memory/parse_transcript", {"json": {}, "headers": {"Content-Type": "text/csv"}}),
    ("POST", "/v2/memory/search", {"json": {"query": "tea"}}),
    ("POST", "/v2/scanner/scans", {"json": {"url": "https://github.com/pallets/click"}}),
    ("GET", "/openapi.json", {}),
    ("GET", "/v1/jobs?page_size=200", {}),
]


@pytest.fixture
def watched(database, web_server):
    """A client of a watched server, and what the loop told."""
    ensure_indexes(database)
    process, base_url = web_server(WatchedLoop.__module__)
    key = KeyStore(database).create("alice", role=Role.OPERATOR)
    headers = {"Authorization": f"Bearer {key}"}

    def told() -> list[str]:
        lines = [
            json.loads(line) for line in process.log.read_text().splitlines() if line[:1] == "{"
        ]
        return [line["event"] for line in lines if BLOCKS in line["event"]]

    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:
        yield client, told


def test_no_request_blocks_the_loop(watched):
    client, told = watched
    job = client.post("/v2/memory/ingest", json=TURN).json()

    def ask(request) -> int:
        method, url, options = request
        with client.stream(method, url, **options) as answer:
            if "event-stream" not in answer.headers.get("content-type", ""):
                answer.read()
            return answer.status_code

    names = {"job_id": job["job_id"], "memory_id": "mem_x", "key_id": "key_x", "user_id": "u2",
             "name": "keepsake.memory", "org": "o", "repo": "r", "index_id": "i",
             "schedule_id": "sch_x", "hook_id": "hook_x", "webhook_id": "wh_x",
             "git_host": "github", "hook": "hook_x", "owner": "ann",
             "worker_id": "host:1-a"}  # fmt: skip
    every = [(method, path.format(**names), {}) for method, path, _ in routes.ROUTES]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(ask, [*HEAVY, *every]))

    assert max(statuses) < 504
    assert 500 not in statuses
    assert told() == []


def test_what_blocks_a_loop_is_told(mongod):
    script = f"""
import asyncio, threading, time
from pymongo import MongoClient
from tests.integration.web.watched_loop import MOST_CPU_SECONDS, WatchedLoop

async def blocking():
    threading.Event().wait(0.01)
    with MongoClient("{mongod.url}") as client:
        client.admin.command("ping")
    began = time.thread_time()
    while time.thread_time() - began < 1.5 * MOST_CPU_SECONDS:
        pass

WatchedLoop().run_until_complete(blocking())
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    for what in ("a wait for another thread", "MongoDB's ping"):
        assert f"{what} {BLOCKS}" in run.stderr
    assert re.search(rf"Task.* {BLOCKS}: 0\.\d+ s of CPU", run.stderr)
