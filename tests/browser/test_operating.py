"""What operators do on pages: with dead letters, owners, queues, workers and keys."""

import httpx
import pytest

from keepsake.jobs.job import NewJob
from keepsake.memory.job_types import INGEST


@pytest.fixture
def dead(engine):
    """Gives up jobs of an owner, each with what it died of."""

    def bury(owner: str, number: int, **error) -> list[str]:
        buried = []
        for n in range(number):
            new = NewJob(type=INGEST.name, owner=owner, payload={"n": n}, lane=f"{owner} {n}")
            job = engine.acceptance.accept(new).job
            claim = engine.claims.claim(job.lane, "w1")
            engine.dead_letters.give_up(claim, {"kind": "permanent", "message": "no", **error})
            buried.append(job.id)
        return buried

    return bury


def row(page, text):
    return page.get_by_role("row").filter(has_text=text)


def test_the_letters_of_one_cause_are_replayed_once_they_were_counted(signed_in, api, dead):
    fixed = dead("dan", 2, type="internal", traceback=["memory/read.py:7 read"])
    (other,) = dead("dan", 1, type="internal", traceback=["memory/write.py:9 write"])
    page = signed_in("root", "/console/dead-letters?owner=dan")

    row(page, "memory/read.py:7 read").get_by_role("link", name="Replay these").click()
    page.get_by_role("heading", name="Replay 2 jobs?").wait_for()
    page.get_by_role("button", name="Replay 2 jobs").click()
    page.get_by_role("heading", name="Replay: 2 jobs done").wait_for()

    letters = {job: api("root").get(f"/v1/dead-letters/{job}").json() for job in (*fixed, other)}
    assert [letters[job]["status"] for job in fixed] == ["replayed"] * 2
    assert letters[other]["status"] == "open"


@pytest.mark.parametrize("who", ["dot", "root"])
def test_one_letter_is_replayed_and_another_discarded(signed_in, api, dead, who):
    first, second = dead("dot", 2, type="too-large")
    page = signed_in(who, "/console/dead-letters" + ("?owner=dot" if who == "root" else ""))

    row(page, first).get_by_role("button", name="Replay").click()
    page.wait_for_url(lambda url: "/console/jobs/" in url)
    page.goto("/console/dead-letters")
    row(page, second).get_by_text("Discard …").click()
    row(page, second).get_by_role("button", name="Discard").click()
    page.get_by_text("It was discarded").wait_for()

    statuses = [
        api("dot").get(f"/v1/dead-letters/{job}").json()["status"] for job in (first, second)
    ]
    assert statuses == ["replayed", "discarded"]


def test_an_owner_is_bounded_and_its_jobs_are_asked_together(signed_in, api):
    page = signed_in("root", "/console/owners/eve")
    page.get_by_label("At once at most").fill("3")
    page.get_by_label("Priority of all its jobs").select_option("bulk")
    page.get_by_role("button", name="Set").click()
    page.get_by_text("At most 3 of its jobs run at once.").wait_for()

    rule = api("root").get("/v1/admin/owners/eve").json()
    assert (rule["max_running"], rule["priority"], rule["by"]) == (3, "bulk", "root")
    page.get_by_role("button", name="Pause …").click()
    page.get_by_role("heading", name="Pause 0 jobs?").wait_for()


def test_a_queue_is_paused_with_a_reason_and_resumed(signed_in, api):
    page = signed_in("root", "/console/queues")
    scans = row(page, "keepsake.scanner").first
    scans.get_by_text("Pause …").click()
    scans.get_by_label("Reason").fill("disk is full")
    scans.get_by_role("button", name="Pause").click()
    row(page, "disk is full").first.get_by_role("button", name="Resume").click()
    page.get_by_text("Its jobs start again.").wait_for()

    acts = api("root").get("/v1/admin/audit").json()["acts"][:2]
    assert [(act["action"], act["reason"]) for act in acts] == [
        ("queue.resume", ""), ("queue.pause", "disk is full"),
    ]  # fmt: skip


def test_a_worker_is_drained(signed_in, api, engine):
    engine.leases.heartbeat("w9:1-ab", {"queues": ["keepsake.memory"], "running": []})
    page = signed_in("root", "/console/queues")
    worker = row(page, "w9:1-ab").first
    worker.get_by_text("Drain …").click()
    worker.get_by_label("Reason").fill("a new kernel")
    worker.get_by_role("button", name="Drain").click()

    row(page, "by root: a new kernel").wait_for()
    assert engine.leases.heartbeat("w9:1-ab", {"queues": [], "running": []})


def test_a_key_is_shown_once_opens_the_api_and_is_revoked(signed_in, base_url):
    page = signed_in("root", "/console/keys")
    page.get_by_text("Make a key …").click()
    page.get_by_label("For whom").fill("fay")
    page.get_by_label("Name", exact=True).fill("laptop")
    page.get_by_label("memory", exact=True).uncheck()
    page.get_by_role("button", name="Make a key").click()
    key = page.locator("#made").inner_text()

    def asked(path):
        return httpx.get(base_url + path, headers={"Authorization": f"Bearer {key}"}).status_code

    assert (asked("/v1/jobs"), asked("/v2/memory/memories")) == (200, 403)
    page.goto("/console/keys?owner=fay")
    assert key not in page.content()
    row(page, "laptop").get_by_text("Revoke …").click()
    row(page, "laptop").get_by_role("button", name="Revoke").click()
    page.get_by_text("It is revoked").wait_for()
    assert asked("/v1/jobs") == 401


def test_what_an_operator_typed_wrong_is_refused_in_words(signed_in):
    page = signed_in("root", "/console/keys")
    page.get_by_text("Make a key …").click()
    page.get_by_label("For whom").fill("fay")
    page.get_by_label("Backlog").fill("many")
    page.get_by_role("button", name="Make a key").click()

    page.get_by_role("heading", name="This cannot be done").wait_for()
    assert "/limits/backlog" in page.locator(".notice.bad").inner_text()


@pytest.mark.parametrize("name", ["owners", "owners/ana", "queues", "keys", "audit"])
def test_an_owner_is_refused_what_is_for_operators(signed_in, name):
    page = signed_in("ana", f"/console/{name}")

    assert page.get_by_role("heading", name="You may not do this").is_visible()


@pytest.mark.parametrize(
    "name", ["dead-letters", "owners/ana", "queues", "keys", "schedules", "webhooks"]
)
def test_a_reading_operator_is_offered_no_act(signed_in, there, name):
    page = signed_in("otto", f"/console/{name}")

    acts = page.locator("main").locator("form[method=post], .ask")
    assert (acts.count(), page.get_by_role("heading", level=1).count()) == (0, 1)


def test_a_schedule_is_made_paused_and_ended(signed_in, api):
    page = signed_in("gus", "/console/schedules")
    page.get_by_text("Make a schedule …").click()
    page.get_by_label("Repository's URL").fill("http://127.0.0.1:1/gus/shapes")
    page.get_by_label("Cron").fill("0 3 * * *")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("It makes no more jobs for now.").wait_for()
    (schedule,) = api("gus").get("/v2/scanner/schedules").json()["schedules"]
    assert schedule["paused"]

    page.get_by_text("Delete …").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("It is ended").wait_for()
    assert api("gus").get("/v2/scanner/schedules").json()["schedules"] == []


def test_a_webhook_is_made_tried_switched_off_and_ended(signed_in, api):
    page = signed_in("hal", "/console/webhooks")
    page.get_by_text("Make a webhook …").click()
    page.get_by_label("Where to post").fill("https://hal.example.org/hook")
    page.get_by_label("memory.changed").uncheck()
    page.get_by_role("button", name="Make it").click()
    assert page.locator("#made").inner_text().startswith("whsec_")
    page.get_by_role("link", name="https://hal.example.org/hook").click()

    page.get_by_role("button", name="Post a test").click()
    page.get_by_text("A test is posted").wait_for()
    (webhook,) = api("hal").get("/v2/webhooks").json()["webhooks"]
    deliveries = f"/v2/webhooks/{webhook['webhook_id']}/deliveries"
    (tried,) = api("hal").get(deliveries).json()["deliveries"]
    row(page, tried["job_id"]).get_by_role("button", name="Post again").click()
    page.get_by_text("It is posted once more.").wait_for()
    assert len(api("hal").get(deliveries).json()["deliveries"]) == 2

    page.get_by_role("button", name="Switch off").click()
    page.get_by_text("It is off.").wait_for()
    page.get_by_text("Delete …").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("It is ended").wait_for()
    assert api("hal").get("/v2/webhooks").json()["webhooks"] == []
