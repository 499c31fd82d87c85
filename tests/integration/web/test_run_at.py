"""Jobs for later, as their owners see them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.web.event_client import connected

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


def ahead(**offset):
    return (datetime.now(UTC) + timedelta(**offset)).isoformat()


@pytest.fixture
def job(alice):
    return alice.post("/v2/memory/ingest", json={**TURN, "run_at": ahead(days=29)}).json()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/memory/ingest", TURN),
        ("/v2/memory/batch-ingest", {"items": [TURN]}),
        ("/v2/memory/scrape", {"transcript": "User: I ski."}),
        ("/v2/scanner/scans", {"url": "https://example.com/acme/shop"}),
    ],
)
def test_every_request_that_makes_a_job_makes_it_for_later(alice, database, path, body):
    due = ahead(days=2)

    made = alice.post(path, json={**body, "run_at": due})

    assert (made.status_code, made.json()["status"]) == (202, "scheduled")
    assert made.headers["Retry-After"] == "30"
    shown = datetime.fromisoformat(alice.get(made.headers["Location"]).json()["run_at"])
    assert abs(shown - datetime.fromisoformat(due)) < timedelta(seconds=1)
    assert "run_at" not in database["jobs"].find_one()["payload"]
    (listed,) = alice.get("/v1/jobs", params={"status": "scheduled"}).json()["jobs"]
    assert listed["job_id"] == made.json()["job_id"]


def test_a_token_is_kept_until_the_deadline_of_its_scan(scanners, database):
    body = {"url": "https://example.com/acme/shop", "token": "t", "run_at": ahead(days=20)}

    job = scanners("alice").post("/v2/scanner/scans", json=body).json()

    kept = database["vault"].find_one()["expire_at"]
    assert abs(kept - datetime.fromisoformat(job["deadline_at"])) < timedelta(minutes=1)


def test_its_events_begin_with_its_state_and_tell_when_it_enters(alice, job, engine):
    with connected(alice, f"{job['status_url']}/events") as events:
        first = events.until(lambda event, _: event == "snapshot")
        engine.records.jobs.update_one({}, [{"$set": {"run_at": "$$NOW"}}])
        engine.scheduled.enter()
        rest = events.until(lambda event, _: event == "state")

    assert first[0][1]["status"] == "scheduled"
    assert rest[-1][1]["status"] == "pending"
    assert alice.get(job["status_url"]).json()["run_at"] is None


def test_it_is_cancelled_and_not_paused(alice, job):
    refused = alice.post(f"{job['status_url']}:pause")
    cancelled = alice.post(f"{job['status_url']}:cancel")

    assert (refused.status_code, refused.json()["possible"]) == (409, ["cancel"])
    assert cancelled.json()["status"] == "cancelled"


def test_bulk_actions_mean_it_too(alice, job):
    done = alice.post("/v1/jobs:cancel", json={"status": ["scheduled"]}).json()

    assert done["job_ids"] == [job["job_id"]]


def test_what_has_passed_is_now(alice):
    made = alice.post("/v2/memory/ingest", json={**TURN, "run_at": ahead(days=-400)})

    assert (made.json()["status"], made.json()["run_at"]) == ("pending", None)


def test_a_key_stands_for_one_time(alice):
    headers, body = {"Idempotency-Key": "k"}, {**TURN, "run_at": ahead(hours=1)}
    first = alice.post("/v2/memory/ingest", json=body, headers=headers).json()

    again = alice.post("/v2/memory/ingest", json=body, headers=headers)
    moved = alice.post("/v2/memory/ingest", json={**body, "run_at": ahead(hours=2)},
                       headers=headers)  # fmt: skip

    assert (again.status_code, again.json()["job_id"]) == (202, first["job_id"])
    assert moved.status_code == 422


@pytest.mark.parametrize(
    "run_at",
    [pytest.param(ahead(days=31), id="in 31 days"), "2026-12-24T08:00:00", "tomorrow",
     1_900_000_000, "", True, "9999-12-31T23:59:59-12:00"],
)  # fmt: skip
def test_a_time_that_is_none_or_too_far_ahead_makes_no_job(alice, run_at):
    refused = alice.post("/v2/memory/ingest", json={**TURN, "run_at": run_at})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/run_at"
    assert alice.get("/v1/jobs").json()["jobs"] == []


def test_what_waits_for_its_time_sends_no_later_job_to_the_overflow_queue(clients, database):
    greta = clients("greta")  # of whom no process has counted jobs a moment ago
    for n in range(12):
        body = {"user_query": f"I like {n}.", "run_at": ahead(days=1)}
        assert greta.post("/v2/memory/ingest", json=body).status_code == 202

    job = greta.post("/v2/memory/ingest", json=TURN).json()

    assert "in_overflow" not in database["jobs"].find_one({"_id": job["job_id"]})
