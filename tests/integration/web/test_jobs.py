"""What an owner may ask of a job."""

import pytest

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def job(alice):
    return alice.post("/v2/memory/ingest", json=TURN).json()


def ask(client, job, action, **body):
    return client.post(f"{job['status_url']}:{action}", json=body or None)


def test_a_waiting_job_is_cancelled_with_who_and_why(alice, job, database):
    cancelled = ask(alice, job, "cancel", reason="a mistake")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.json()["error"]["message"] == "a mistake"
    assert database["jobs"].find_one()["cancelled"]["by"] == "alice"


def test_a_job_is_paused_and_resumed(alice, job):
    assert ask(alice, job, "pause").json()["status"] == "paused"
    assert ask(alice, job, "resume").json()["status"] == "pending"


@pytest.mark.parametrize("action", ["cancel", "pause", "resume"])
def test_what_a_state_does_not_allow_is_a_conflict_that_says_what_is(alice, job, action):
    ask(alice, job, "cancel")

    refused = ask(alice, job, action)

    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems#illegal-move"
    assert (refused.json()["state"], refused.json()["possible"]) == ("cancelled", [])


def test_a_running_job_says_what_else_is_possible(alice, job, database):
    database["jobs"].update_one({}, {"$set": {"state": "cancelling"}})

    refused = ask(alice, job, "pause")

    assert (refused.status_code, refused.json()["state"]) == (409, "cancelling")


@pytest.mark.parametrize("action", ["cancel", "pause", "resume", "replay", "discard"])
def test_anothers_job_cannot_be_touched(clients, job, action):
    assert ask(clients("bob"), job, action).status_code == 404


def test_attempts_are_listed(alice, job):
    assert alice.get(f"{job['status_url']}/attempts").json() == {"attempts": []}
