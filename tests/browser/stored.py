"""What the pages show while they are looked at: jobs of two owners, in every state."""

import threading
import time
from datetime import UTC, datetime, timedelta

from keepsake.jobs.engine import Engine


def everything(api, engine: Engine, directory) -> dict[str, str]:
    """Store it all, and name it."""
    there: dict[str, str] = {}
    ana = api("ana")
    for turn in ("I live in Lisbon.", "I am allergic to peanuts.", "I moved to Porto last week."):
        done = ana.post(
            "/v2/memory/ingest",
            json={"user_query": turn, "user_id": "ana"},
            headers={"Prefer": "wait=30"},
        )
        there["job"] = done.json()["job_id"]
    lost = ana.post("/v2/scanner/scans", json={"url": f"file://{directory}/nowhere"}).json()
    there["dead"] = lost["job_id"]
    until(lambda: ana.get(f"/v1/jobs/{lost['job_id']}").json()["status"] == "dead_letter")
    (there["scheduled"],) = scheduled(ana, 1)
    return there


def scheduled(client, number: int) -> list[str]:
    """Jobs that wait for next week."""
    due = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    turns = ({"user_query": f"I ski {n}.", "user_id": "u", "run_at": due} for n in range(number))
    return [client.post("/v2/memory/ingest", json=turn).json()["job_id"] for turn in turns]


def until(condition, within=30):
    pause, deadline = threading.Event(), time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.1)
