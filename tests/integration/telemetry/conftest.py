"""A job with a retry and one that is given up, in real processes that tell a collector of it."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from keepsake.access.keys import KeyStore
from keepsake.storage.mongo import connect
from tests.conftest import started_web, started_worker
from tests.integration.telemetry.collector import Collector, collecting

TRACE, SPAN = "a" * 32, "b" * 16
PASSWORD = "collector-password-1"
CHOSEN = {
    "owner": "olivia-of-acme", "user": "ursula-17", "session": "sandra-4", "request": "rosa-5",
    "key": "karla-6", "label": "lena-7", "words": "I keep quokkas in Lisbon.",
    "hopeless": "I keep wombats. Give up.", "told": "I paint fences.",
}  # fmt: skip
"""What owners and clients chose; nothing of it is to be told."""

TOOL = {
    "jsonrpc": "2.0", "id": 1, "method": "tools/call",
    "params": {"name": "remember", "arguments": {"text": CHOSEN["told"], "wait_seconds": 30}},
}  # fmt: skip
SESSION = {
    "Accept": "application/json, text/event-stream", "Mcp-Session-Id": CHOSEN["session"],
    "Mcp-Protocol-Version": "2025-11-25",
}  # fmt: skip


@dataclass
class Story:
    """What happened, and what was told of it."""

    collector: Collector
    api_key: str
    jobs: list[dict[str, Any]]
    logged: str


@pytest.fixture(scope="module")
def story(rabbitmq, emptying, tmp_path_factory):
    database = connect()
    emptying.empty()
    emptying.index()
    api_key, logs = KeyStore(database).create(CHOSEN["owner"]), tmp_path_factory.mktemp("told")
    with collecting() as collector:
        environment = {
            "KEEPSAKE_HEARTBEAT_SECONDS": "0.2",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{PASSWORD}",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        }
        web, base_url = started_web(logs / "web.log", **environment)
        module = "tests.integration.telemetry.failing"
        worker = started_worker(logs / "worker.log", module, **environment)
        try:
            job_ids = _asked(base_url, api_key)
        finally:
            web.stop(grace_seconds=20)
            worker.stop(grace_seconds=20)
        jobs = [database["jobs"].find_one({"_id": job_id}) for job_id in job_ids]
        jobs += database["jobs"].find({"_id": {"$nin": job_ids}})
        database.client.close()
        yield Story(collector, api_key, jobs, web.log.read_text() + worker.log.read_text())


def _asked(base_url: str, api_key: str) -> list[str]:
    """Two jobs, each asked for twice, and a tool's; and requests that name people."""
    headers = {
        "Authorization": f"Bearer {api_key}", "traceparent": f"00-{TRACE}-{SPAN}-01",
        "X-Request-ID": CHOSEN["request"],
    }  # fmt: skip
    jobs = []
    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:
        for words in ("words", "hopeless"):
            turn = {
                "user_query": CHOSEN[words], "user_id": CHOSEN["user"],
                "session_id": CHOSEN["session"], "labels": {"of": CHOSEN["label"]},
            }  # fmt: skip
            own = {"Idempotency-Key": f"{CHOSEN['key']}-{words}"}
            first, again = (
                client.post("/v2/memory/ingest", json=turn, headers=own) for _ in range(2)
            )
            assert again.headers["Idempotency-Replayed"] == "true", first.text
            jobs.append(first.json()["job_id"])
        for job in jobs:
            client.get(f"/v1/jobs/{job}", params={"wait": 30})
        client.get("/healthz")
        client.get(f"/v2/memory/{CHOSEN['user']}", params={"of": CHOSEN["user"]})
        query = {"query": CHOSEN["words"], "user_id": CHOSEN["user"]}
        assert client.post("/v1/memory/search", json=query).status_code == 200
        client.post("/mcp", json=TOOL, headers=SESSION).raise_for_status()
    return jobs
