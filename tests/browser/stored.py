"""What the pages show while they are looked at: jobs of two owners, in every state."""

import math
import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import TIMELINE
from tests.integration.scanner.githost import GitHost
from tests.integration.scanner.gitrepo import GitRepo


def everything(api, engine: Engine, host: GitHost) -> dict[str, str]:
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
    mine = ana.get("/v2/memory/memories", params={"user_id": "ana"}).json()["memories"]
    there["memory"] = urlencode({"id": mine[0]["id"], "user_id": "ana"})
    there["repository"] = repository(ana, host)
    lost = ana.post("/v2/scanner/scans", json={"url": f"{host.base}/ana/nowhere"}).json()
    there["dead"] = lost["job_id"]
    until(lambda: ana.get(f"/v1/jobs/{lost['job_id']}").json()["status"] == "dead_letter")
    (there["scheduled"],) = scheduled(ana, 1)
    schedule = {"url": f"{host.base}/ana/shapes", "cron": "0 3 * * *"}
    ana.post("/v2/scanner/schedules", json=schedule)
    there["webhook"] = webhook(ana)
    rule = {"max_running": 4}
    api("root").put("/v1/admin/owners/ana", json=rule)
    until(lambda: api("root").get("/v1/admin/owners").json()["owners"])
    _day(engine)
    return there


def webhook(client) -> str:
    """A webhook with a delivery; nobody answers at its address."""
    body = {"url": "https://keepsake.example.org/hook", "events": ["index.published"]}
    made = client.post("/v2/webhooks", json=body).json()["webhook_id"]
    client.post(f"/v2/webhooks/{made}:test")
    return made


def scheduled(client, number: int) -> list[str]:
    """Jobs that wait for next week."""
    due = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    turns = ({"user_query": f"I ski {n}.", "user_id": "u", "run_at": due} for n in range(number))
    return [client.post("/v2/memory/ingest", json=turn).json()["job_id"] for turn in turns]


def repository(api, host: GitHost) -> str:
    """Scan a small repository of a git host; what names it in addresses."""
    repo = GitRepo(host.root / "ana" / "shapes")
    repo.commit({
        "README.md": "# Shapes\n\nAreas of shapes.\n",
        "shapes/area.py": '"""Areas."""\n\n\ndef area(width, height):\n    """How large it is."""\n'
        "    return width * height\n",
        "shapes/square.py": "from shapes.area import area\n\n\ndef square(side):\n"
        "    return area(side, side)\n",
        "logo.bin": bytes(range(256)),
    })  # fmt: skip
    repo.git("clone", "--quiet", "--bare", ".", str(repo.path.with_suffix(".git")))
    done = api.post(
        "/v2/scanner/scans",
        json={"url": f"{host.base}/ana/shapes"},
        headers={"Prefer": "wait=30"},
    ).json()
    assert done["status"] == "succeeded", done
    return urlencode({"org": done["result"]["org"], "repo": done["result"]["repo"]})


def until(condition, within=30):
    pause, deadline = threading.Event(), time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.1)


def _day(engine: Engine) -> None:
    """The minutes of a day, as workers would have counted them: a wave, and a bad half-hour."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    rows = engine.records.database[TIMELINE]
    for back in range(3, 24 * 60):
        at = now - timedelta(minutes=back)
        jobs = round(40 + 25 * math.sin(back / 90) + 8 * math.sin(back / 7))
        bad = jobs // 4 if 20 < back < 50 else 0
        counts = {"accepted": jobs, "succeeded": jobs - bad, "dead_letter": bad // 4,
                  "cancelled": 0, "failed_attempts": bad + jobs // 20}  # fmt: skip
        took = {"28": jobs, "32": jobs // 3, "40": 1 + bad}
        row = {"counts": counts, "latencies": took, "owners": [], "expire_at": at + timedelta(1)}
        rows.replace_one({"_id": at}, row, upsert=True)
