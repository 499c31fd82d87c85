"""Every line that web and workers log is JSON: Keepsake's, uvicorn's and Dramatiq's."""

import hashlib
import json
import os
import signal

import httpx

from keepsake.access.keys import KeyStore
from keepsake.launcher.administration import ensure_indexes
from tests.processes import children

TURN = {"user_query": "I live in Lisbon and keep a secret.", "user_id": "u1"}


def lines_of(process) -> list[dict[str, object]]:
    return [json.loads(line) for line in process.log.read_text().splitlines()]


def test_every_line_of_web_is_json_and_a_request_has_one(database, web_server):
    ensure_indexes(database)
    key = KeyStore(database).create("alice")
    process, base_url = web_server()
    headers = {"Authorization": f"Bearer {key}", "X-Request-ID": "asked-1"}
    accepted = httpx.post(f"{base_url}/v2/memory/ingest", json=TURN, headers=headers, timeout=30)
    unknown = f"{base_url}/no/such/path?user=Lisbon"
    httpx.get(unknown, headers={"X-Request-ID": "asked-2"}, timeout=30)
    process.stop(grace_seconds=20)

    lines = lines_of(process)
    first, second = (
        next(line for line in lines if line.get("request_id") == name)
        for name in ("asked-1", "asked-2")
    )
    owner = hashlib.sha256(b"alice").hexdigest()[:16]
    assert accepted.status_code == 202
    assert (first["event"], first["method"], first["route"], first["status"]) == (
        "request", "POST", "/v2/memory/ingest", 202,
    )  # fmt: skip
    assert first["owner_hash"] == owner
    assert float(str(first["duration_ms"])) > 0
    assert (second["route"], second["status"], second["owner_hash"]) == (None, 404, None)
    assert any(line["logger"] == "uvicorn.error" for line in lines)
    assert not any(word in process.log.read_text() for word in ("Lisbon", "alice", key))


def test_a_setting_turns_the_lines_of_requests_off(web_server):
    process, base_url = web_server(KEEPSAKE_ACCESS_LOG="0")

    httpx.get(f"{base_url}/healthz", timeout=30)
    process.stop(grace_seconds=20)

    assert not any(line["event"] == "request" for line in lines_of(process))


def test_every_line_of_a_worker_is_json(worker, eventually):
    process = worker()
    eventually(lambda: "ready for action" in process.log.read_text(), within=60)
    os.kill(children(process.pid)[0], signal.SIGTERM)
    process.stop(grace_seconds=30)

    loggers = {str(line["logger"]).split(".")[0] for line in lines_of(process)}
    assert "dramatiq" in loggers
