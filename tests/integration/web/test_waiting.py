"""Waiting for a job: long-poll, ETag, `Prefer: wait`."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from web.submission import preferred_wait

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def job(alice):
    return alice.post("/v2/memory/ingest", json=TURN).json()


@pytest.fixture
def meanwhile():
    """Runs a call beside the test."""
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit


def test_a_long_poll_answers_as_soon_as_the_job_ends(alice, job, meanwhile):
    waiting = meanwhile(alice.get, job["status_url"], params={"wait": 30})
    cancelled = alice.post(f"{job['status_url']}:cancel")
    assert cancelled.is_success, cancelled.text

    answer = waiting.result(timeout=20)

    assert answer.json()["status"] == "cancelled"
    assert "Retry-After" not in answer.headers


def test_a_long_poll_answers_with_the_state_when_its_time_is_over(alice, job):
    began = time.monotonic()
    answer = alice.get(job["status_url"], params={"wait": 1})

    assert answer.json()["status"] == "pending"
    assert time.monotonic() - began >= 1
    assert int(answer.headers["Retry-After"]) >= 1


def test_what_the_client_has_is_not_sent_again(alice, job):
    tag = alice.get(job["status_url"]).headers["ETag"]

    same = alice.get(job["status_url"], headers={"If-None-Match": f'W/{tag}, "x"'})
    alice.post(f"{job['status_url']}:pause")
    other = alice.get(job["status_url"], headers={"If-None-Match": tag})

    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert (other.status_code, other.json()["status"]) == (200, "paused")
    assert other.headers["ETag"] != tag


def test_with_a_tag_a_long_poll_answers_at_any_change(alice, job, meanwhile):
    tag = alice.get(job["status_url"]).headers["ETag"]
    waiting = meanwhile(
        alice.get, job["status_url"], params={"wait": 30}, headers={"If-None-Match": tag}
    )
    paused = alice.post(f"{job['status_url']}:pause")
    assert paused.is_success, paused.text

    assert waiting.result(timeout=20).json()["status"] == "paused"


@pytest.mark.parametrize("wait", ["31", "-1", "soon"])
def test_a_wait_is_0_to_30_seconds(alice, job, wait):
    refused = alice.get(job["status_url"], params={"wait": wait})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/wait"


def test_a_client_that_prefers_to_wait_gets_the_result(alice, worker):
    worker()

    answer = alice.post("/v2/memory/ingest", json=TURN, headers={"Prefer": "wait=30"})

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert answer.json()["result"]


def test_a_client_whose_wait_is_over_gets_202(alice):
    answer = alice.post("/v2/memory/ingest", json=TURN, headers={"Prefer": "wait=1"})

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (["wait=10"], 10), (["respond-async, wait=10"], 10), (["respond-async", "Wait = 7"], 7),
        (["wait=99"], 30), (['wait="5"'], 5), (["wait=5; x=y"], 5), (["wait=0"], 0),
        ([], None), (["wait"], None), (["wait=-1"], None), (["wait=1.5"], None),
        (["waits=5"], None),
    ],
)  # fmt: skip
def test_a_preference_is_read_as_rfc_7240_says(prefer, seconds):
    assert preferred_wait(prefer) == seconds


def test_many_waiters_cost_the_database_no_more_than_one(
    alice, job, database, meanwhile, eventually
):
    def streams():
        """The cursors that follow jobs; other servers may keep some of theirs for a while."""
        running = database.client.admin.aggregate([{"$currentOp": {"idleCursors": True}}])
        following = [op for op in running if "$changeStream" in str(op) and op.get("cursor")]
        return {op["cursor"]["cursorId"] for op in following if op["ns"] == f"{database.name}.jobs"}

    def wait():
        return meanwhile(alice.get, job["status_url"], params={"wait": 20})

    alice.get(job["status_url"], params={"wait": 1})
    followed = eventually(streams)
    waiting = [wait(), wait(), wait(), wait()]
    alice.get(job["status_url"], params={"wait": 1})
    assert streams() <= followed
    alice.post(f"{job['status_url']}:cancel")

    assert {answer.result(timeout=20).json()["status"] for answer in waiting} == {"cancelled"}
