"""What a job gave: its result, its items, its log; and how it is erased."""

import pytest

from keepsake.jobs.attempt import Attempt, Progress

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def job(alice):
    return alice.post("/v2/memory/ingest", json=TURN).json()


@pytest.fixture
def attempt(engine, job, eventually):
    """An attempt at the posted job, held by the test as its worker; all processes see it."""
    lane = engine.records.jobs.find_one({})["lane"]
    attempt = Attempt(engine.claims, engine.claims.claim(lane, "w1"), slice_seconds=60)
    eventually(lambda: engine.records.jobs.find_one({"state": "running"}))
    return attempt


def test_a_result_is_there_once_the_job_has_succeeded(alice, job, engine, attempt):
    url = f"{job['status_url']}/result"
    early = alice.get(url)
    engine.claims.succeed(attempt.claim, {"kept": 3})

    assert (early.status_code, early.json()["type"]) == (409, "/problems#job-not-finished")
    assert int(early.headers["Retry-After"]) >= 1
    assert alice.get(url).json() == {"job_id": job["job_id"], "result": {"kept": 3}}


@pytest.mark.parametrize("part", ["", "/items", "/attempts", "/logs", "/effects"])
def test_what_a_job_may_still_change_says_when_to_come_back(alice, job, engine, attempt, part):
    early = alice.get(f"{job['status_url']}{part}")
    engine.claims.succeed(attempt.claim, {"kept": 3})
    late = alice.get(f"{job['status_url']}{part}")

    assert int(early.headers["Retry-After"]) >= 1
    assert "Retry-After" not in late.headers


def test_a_job_that_gave_up_has_no_result_and_says_why(alice, job, dead):
    dead(job)

    refused = alice.get(f"{job['status_url']}/result")

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems#no-result")
    assert alice.get(job["status_url"]).json()["error"]["kind"] == "permanent"


def test_a_long_result_is_at_an_address_of_its_own(alice, job, engine, attempt):
    engine.claims.succeed(attempt.claim, {"text": "x" * 20_000})

    view = alice.get(job["status_url"]).json()

    assert view["result"] is None
    assert len(alice.get(view["result_url"]).json()["result"]["text"]) == 20_000


def test_items_tell_how_each_went_page_by_page(alice, job, attempt):
    attempt.outcome(0, "succeeded")
    attempt.outcome(1, "failed", "no turn in it")
    attempt.outcome(10, "skipped")
    attempt.checkpoint({"done": 11}, Progress(stage="items", done=11, failed=1))
    url = f"{job['status_url']}/items"

    page = alice.get(url, params={"page_size": 2}).json()
    rest = alice.get(url, params={"page_token": page["next_page_token"]}).json()
    failed = alice.get(url, params={"status": "failed"}).json()

    assert [item["position"] for item in page["items"] + rest["items"]] == [0, 1, 10]
    assert rest["next_page_token"] is None
    assert failed["items"] == [{"position": 1, "status": "failed", "error": "no turn in it"}]


def test_a_job_says_things_on_its_way(alice, job, attempt):
    attempt.log("no model is configured", level="warning")

    lines = alice.get(f"{job['status_url']}/logs").json()["logs"]

    assert [(line["level"], line["message"]) for line in lines] == [
        ("warning", "no model is configured")
    ]


def test_progress_items_and_log_are_told_as_they_happen(alice, job, attempt, engine):
    from tests.integration.web.event_client import connected

    with connected(alice, f"{job['status_url']}/events") as events:
        events.until(lambda event, _: event == "snapshot")
        attempt.log("reading")
        attempt.outcome(0, "succeeded")
        attempt.checkpoint({}, Progress(stage="items", done=1, total=2))
        engine.claims.succeed(attempt.claim, {})
        received = events.until(lambda event, _: event == "end")

    assert [event for event, _ in received] == ["log", "item", "progress", "state", "end"]
    assert received[2][1]["done"] == 1


def test_an_ended_job_is_erased_with_its_dead_letter(alice, job, dead, database):
    dead(job)

    assert alice.delete(job["status_url"]).status_code == 204

    assert alice.get(job["status_url"]).status_code == 404
    assert database["jobs"].count_documents({}) == database["dead_letters"].count_documents({}) == 0


def test_an_unfinished_job_is_not_erased(alice, clients, job, database):
    refused = alice.delete(job["status_url"])

    assert (refused.status_code, refused.json()["state"]) == (409, "pending")
    assert clients("bob").delete(job["status_url"]).status_code == 404
    assert database["jobs"].count_documents({}) == 1


def test_a_waiting_retry_is_hurried(alice, job, engine, attempt):
    engine.claims.retry(attempt.claim, {"kind": "transient", "message": "away"}, 600)
    waiting = alice.get(job["status_url"])

    hurried = alice.post(f"{job['status_url']}:retry")

    assert int(waiting.headers["Retry-After"]) == 30
    assert (hurried.status_code, hurried.json()["status"]) == (202, "retrying")
    assert hurried.json()["next_attempt_at"] < waiting.json()["next_attempt_at"]
    assert engine.claims.claim(attempt.claim.job.lane, "w2")


def test_only_what_waits_for_a_retry_is_hurried(alice, job):
    refused = alice.post(f"{job['status_url']}:retry")

    assert (refused.status_code, refused.json()["state"]) == (409, "pending")


def test_a_list_is_bounded_by_time_of_creation(alice, job):
    at = job["created_at"]

    assert alice.get("/v1/jobs", params={"created_after": at}).json()["jobs"]
    assert not alice.get("/v1/jobs", params={"created_before": at}).json()["jobs"]
    assert alice.get("/v1/jobs", params={"create_after": at}).status_code == 422
