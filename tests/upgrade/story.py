"""What an owner does with a service before its upgrade: jobs in every state, and what they leave.

`answers` is what the service says of all that does not change any more; every version that runs
beside it or after it has to say the same.
"""

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.integration.scanner.gitrepo import GitRepo

OWNER = "ana"
TALK = "User: I play the cello.\nAssistant: Since when?\nUser: I have a cat named Miso.\n"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
_ENDED = {"succeeded", "dead_letter", "cancelled"}
_SHOP = "/v2/scanner/repositories/acme/shop"
READS = (
    "/v2/memory/export?user_id=ana", "/v2/memory/export?user_id=eve",
    "/v2/memory/memories?user_id=ana&history=true&page_size=200",
    "/v2/memory/memories?user_id=eve&page_size=200",
    "/v2/memory/timeline?user_id=ana&page_size=200",
    "/v2/scanner/repositories", f"{_SHOP}/tree?branch=main", f"{_SHOP}/tree?branch=more",
    f"{_SHOP}/source?path=app/price.py&branch=main", f"{_SHOP}/text?q=price&branch=main",
    f"{_SHOP}/text?q=discount&branch=more", f"{_SHOP}/definitions?path=app/price.py&branch=more",
    "/v2/scanner/schedules", "/v2/scanner/hooks", "/v2/webhooks",
    "/v1/dead-letters?status=discarded&page_size=200",
)  # fmt: skip
"""Routes whose answers no job changes any more."""


class Story:
    """A client that acts, and remembers which job is which."""

    def __init__(self, base_url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self.client = httpx.Client(base_url=base_url, headers=headers, timeout=60, trust_env=False)
        self.jobs: dict[str, str] = {}

    def post(self, name: str, path: str, body: Any, **headers: str) -> str:
        """Have a job accepted, under a name."""
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = self.client.post(path, headers=headers, **sent).raise_for_status()
        self.jobs[name] = answer.json()["job_id"]
        return self.jobs[name]

    def say(self, name: str, text: str, user_id: str = OWNER, **fields: Any) -> str:
        """Have a turn remembered."""
        turn = {"user_query": text, "user_id": user_id, **fields}
        return self.post(name, "/v2/memory/ingest", turn)

    def act(self, name: str, action: str) -> None:
        """Act on a job."""
        self.client.post(f"/v1/jobs/{self.jobs[name]}:{action}").raise_for_status()

    def state(self, name: str) -> str:
        """Where a job stands."""
        status: str = self.client.get(f"/v1/jobs/{self.jobs[name]}").json()["status"]
        return status

    def until(self, name: str, *states: str) -> None:
        """Wait for a job to be in a state."""
        until(lambda: self.state(name) in states)

    def until_ended(self) -> None:
        """Wait for all jobs to end."""
        for name in self.jobs:
            self.until(name, *_ENDED)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline, pause = time.monotonic() + 60, threading.Event()
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError("it does not come to hold")
        pause.wait(0.1)


def begin(story: Story, repo: GitRepo) -> None:
    """What is done with the first version."""
    story.say("lisbon", "I live in Lisbon and I am allergic to peanuts.")
    story.say("clinic", "I work as a nurse at the Santa Maria clinic.")
    story.say("sister", "My sister Rita moved to Porto in 2019.", agent_response="Noted.")
    story.post("main", "/v2/scanner/scans", {"url": repo.url, "branch": "main"})
    story.until_ended()


def go_on(story: Story, repo: GitRepo, site: str) -> None:
    """What is done with the second version, and has ended."""
    story.say("lyon", "I moved to Lyon last month.", labels={"team": "cli"})
    story.say("coffee", "I like coffee without sugar.", metadata={"app": "phone"}, agent_id="bot")
    fact = {"content": "Globex", "attribute": "works_at", "user_id": "eve"}
    story.post("fact", "/v2/memory/memories", fact)
    items = [{"user_query": f"My lucky number is {n}.", "user_id": "eve"} for n in range(4)]
    story.post("batch", "/v2/memory/batch-ingest", {"items": items}, **{"Idempotency-Key": "b-1"})
    story.post("talk", "/v2/memory/scrape", {"transcript": TALK, "user_id": "eve"})
    story.say("undone", "I hate mornings.", "eve")
    story.post("more", "/v2/scanner/scans", {"url": repo.url, "branch": "more"})
    upload = json.dumps([{"role": "user", "content": "I collect stamps."}]).encode()
    story.post("upload", "/v2/memory/uploads?user_id=eve", upload)
    for name in ("given up", "given up again", "discarded"):
        link = f"{site}/nothing?{len(story.jobs)}"
        story.post(name, "/v2/memory/scrape", {"url": link, "user_id": "eve"})
    story.until_ended()
    story.act("undone", "undo")
    story.client.post(f"/v1/dead-letters/{story.jobs['discarded']}:discard").raise_for_status()
    story.act("given up again", "replay")
    yearly = {"url": repo.url, "cron": "0 3 1 1 *", "time_zone": "Europe/Lisbon"}
    story.client.post("/v2/scanner/schedules", json=yearly).raise_for_status()
    hook = {"url": "https://github.com/acme/shop", "git_host": "github"}
    story.client.post("/v2/scanner/hooks", json=hook).raise_for_status()


def listen(story: Story, site: str) -> None:
    """Webhooks: what is posted to one arrives, and the other is away."""
    for path in ("hook", "away"):
        webhook = {"url": f"{site}/{path}", "events": ["job.ended"]}
        story.client.post("/v2/webhooks", json=webhook).raise_for_status()
    story.say("told", "I have a red bicycle.", "eve")
    story.until("told", "succeeded")

    def delivered() -> set[str]:
        made = story.client.get("/v1/jobs?type=webhooks.deliver").json()["jobs"]
        return {job["status"] for job in made}

    until(lambda: delivered() == {"succeeded", "retrying"})


def get_stuck(story: Story, site: str) -> None:
    """Jobs that a worker holds, and one that waits for its next try."""
    for name in ("running", "cancelling"):
        story.post(name, "/v2/memory/scrape", {"url": f"{site}/hangs?{name}", "user_id": name})
    story.post("retrying", "/v2/memory/scrape", {"url": f"{site}/busy", "user_id": "retrying"})
    story.until("running", "running")
    story.until("cancelling", "running")
    story.until("retrying", "retrying")
    story.act("cancelling", "cancel")
    story.until("cancelling", "cancelling")


def leave(story: Story, soon: str, later: str) -> None:
    """Jobs that nobody has begun: no worker lives. soon and later are times to come."""
    for number in range(3):  # a lane
        story.say(f"pending {number}", f"I have {number + 2} brothers.", "waiting")
    for number in range(5):
        story.say(f"alone {number}", f"I can juggle {number} balls.", f"alone-{number}")
    items = [{"user_query": f"I have visited {city}.", "user_id": "bulk"}
             for city in ("Rome", "Oslo", "Bern")]  # fmt: skip
    story.post("bulk", "/v2/memory/batch-ingest", {"items": items})
    upload = json.dumps([{"role": "user", "content": "I paint in oil."}]).encode()
    story.post("spooled", "/v2/memory/uploads?user_id=spooled", upload)
    story.say("soon", "The trial is over.", "soon", run_at=soon)
    story.say("later", "The year is over.", "later", run_at=later)
    story.say("paused", "I read in bed.", "paused")
    story.act("paused", "pause")
    story.say("cancelled", "I snore.", "cancelled")
    story.act("cancelled", "cancel")
    story.post("keyed", "/v2/memory/ingest", {"user_query": "I knit.", "user_id": "keyed"},
               **{"Idempotency-Key": "knit-1"})  # fmt: skip


def answers(client: httpx.Client, ended: list[str]) -> dict[str, Any]:
    """What a service says of what does not change any more, without times."""
    of_jobs = [f"/v1/jobs/{job_id}{part}" for job_id in ended for part in ("", "/attempts")]
    return {path: _answer(client, path) for path in (*READS, *of_jobs)}


def missing(former: Any, present: Any, where: str = "") -> list[str]:
    """Where an answer leaves out something of a former one; there may be more in it."""
    if isinstance(former, dict) and isinstance(present, dict):
        return [line for name, value in former.items()
                for line in missing(value, present.get(name), f"{where}.{name}")]  # fmt: skip
    if isinstance(former, list) and isinstance(present, list):
        return [f"{where}[{number}]: {value}" for number, value in enumerate(former)
                if all(missing(value, other) for other in present)]  # fmt: skip
    return [] if former == present else [f"{where}: {former!r} is {present!r}"]


def _answer(client: httpx.Client, path: str) -> Any:
    text = _TIME.sub("TIME", client.get(path).raise_for_status().text)
    return (
        [json.loads(line) for line in text.splitlines()] if "/export" in path else json.loads(text)
    )
