"""One turn posted to a running service, its job followed to the end, its memory searched for."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

TURN = {
    "user_query": "I live in Lisbon and I am allergic to peanuts.",
    "agent_response": "Noted: Lisbon, and no peanuts.",
    "user_id": "sample",
}
QUESTION = {"query": "Which foods should be avoided?", "user_id": "sample", "top_k": 3}
_ENDED = {"succeeded", "dead_letter", "cancelled"}


def show(base_url: str, key: str, say: Callable[[str], None], stopping: threading.Event) -> bool:
    """Run the sample unless asked to stop; whether the memory was found."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=base_url, headers=headers, trust_env=False) as client:
        client.timeout = httpx.Timeout(30)
        say(f"POST /v2/memory/ingest {json.dumps(TURN['user_query'])}")
        accepted = client.post("/v2/memory/ingest", json=TURN).raise_for_status().json()
        say(f"  202 {accepted['job_id']} {accepted['status']}")
        job = _followed(client, accepted, say, stopping)
        say(f"POST /v1/memory/search {json.dumps(QUESTION['query'])}")
        answer = client.post("/v1/memory/search", json=QUESTION).raise_for_status().json()
        for hit in answer["data"]["results"]:
            say(f"  {hit['score']:.2f} {hit['domain']}: {hit['content']}")
    return job["status"] == "succeeded" and bool(answer["data"]["results"])


def _followed(
    client: httpx.Client,
    job: dict[str, Any],
    say: Callable[[str], None],
    stopping: threading.Event,
) -> dict[str, Any]:
    """Poll until the job ends, saying each status once."""
    deadline, status = time.monotonic() + 60, job["status"]
    while job["status"] not in _ENDED and time.monotonic() < deadline:
        job = client.get(job["status_url"]).raise_for_status().json()
        if job["status"] != status:
            status = job["status"]
            say(f"  {status}")
        if stopping.wait(0.02):
            break
    return job
