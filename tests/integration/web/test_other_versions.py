"""What a client sees of records of another version, and of damaged ones."""

import pytest

from keepsake.jobs.known import SCHEMA
from tests.integration.web.event_client import connected

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
FOREIGN = {"$set": {"type": "memory.future", "state": "scheduled", "schema": SCHEMA + 1}}
DAMAGED = {
    "no limits": {"$unset": {"limits": ""}},
    "a revision that is text": {"$set": {"revision": "three"}},
    "progress that is a number": {"$set": {"progress": 7}},
    "no idempotency": {"$unset": {"idempotency": ""}},
    "a state that is a number": {"$set": {"state": 7}},
    "an error that is text": {"$set": {"error": "no", "state": "dead_letter"}},
}
damaged = pytest.mark.parametrize("change", DAMAGED.values(), ids=DAMAGED)


@pytest.fixture
def jobs(alice):
    return [alice.post("/v2/memory/ingest", json={**TURN, "user_query": f"I am {n}."}).json()
            for n in range(3)]  # fmt: skip


@pytest.fixture
def changed(database, jobs):
    """Changes the second of three jobs; gives its address."""

    def change(update):
        database["jobs"].update_one({"_id": jobs[1]["job_id"]}, update)
        return jobs[1]["status_url"]

    return change


def test_a_type_and_a_state_that_are_not_known_are_shown_as_text(alice, changed):
    url = changed(FOREIGN)

    shown = alice.get(url)
    listed = alice.get("/v1/jobs").json()["jobs"]

    assert shown.status_code == 200
    assert (shown.json()["type"], shown.json()["status"]) == ("memory.future", "scheduled")
    assert [job["status"] for job in listed] == ["pending", "scheduled", "pending"]


@damaged
def test_a_list_has_all_others_and_its_pages_go_on(alice, changed, jobs, change):
    changed(change)

    listed, token = [], ""
    while token is not None:
        page = alice.get("/v1/jobs", params={"page_size": 1, "page_token": token})
        assert page.status_code == 200, page.text
        listed += [job["job_id"] for job in page.json()["jobs"]]
        token = page.json()["next_page_token"]

    assert listed == [jobs[2]["job_id"], jobs[0]["job_id"]]


@damaged
def test_what_cannot_be_read_says_so_and_when_to_ask_again(alice, changed, change):
    refused = alice.get(changed(change))

    assert (refused.status_code, refused.json()["type"]) == (503, "/problems#record-unreadable")
    assert refused.headers["Retry-After"]


@pytest.mark.parametrize("act", [":cancel", ":pause"])
def test_an_act_on_a_later_versions_job_is_refused(alice, changed, act):
    refused = alice.post(f"{changed(FOREIGN)}{act}")

    assert (refused.status_code, refused.json()["type"]) == (503, "/problems#record-unreadable")


@damaged
def test_streams_tell_of_all_other_jobs(alice, changed, jobs, engine, change):
    changed(change)

    with connected(alice, "/v1/jobs/events") as events:
        (_, snapshot), = events.until(lambda event, _: event == "snapshot")  # fmt: skip
        engine.records.jobs.update_one({"_id": jobs[1]["job_id"]}, {"$set": {"revision": 9}})
        engine.control.cancel("alice", jobs[0]["job_id"], by="alice")
        received = events.until(lambda event, _: event == "end")

    assert jobs[0]["job_id"] in [job["job_id"] for job in snapshot["jobs"]]
    assert received[-1][1]["job_id"] == jobs[0]["job_id"]


@pytest.mark.parametrize(
    ("part", "field"), [("attempts", "attempts"), ("logs", "logs"), ("items", "items")]
)
def test_a_history_that_cannot_be_read_is_no_fault_of_ours(alice, changed, part, field):
    refused = alice.get(f"{changed({'$set': {field: [7]}})}/{part}")

    assert refused.status_code == 503


def test_a_dead_letter_that_cannot_be_read_is_left_out(alice, jobs, dead, database):
    dead(jobs[0])
    dead(jobs[1])
    database["dead_letters"].update_one({"_id": jobs[0]["job_id"]}, {"$unset": {"failures": ""}})

    listed = alice.get("/v1/dead-letters").json()["dead_letters"]

    assert [letter["job_id"] for letter in listed] == [jobs[1]["job_id"]]
    assert alice.get(f"/v1/dead-letters/{jobs[0]['job_id']}").status_code == 503


def test_a_dead_letter_of_a_type_that_is_not_known_is_shown_and_not_replayed(
    alice, jobs, dead, database
):
    dead(jobs[0])
    database["dead_letters"].update_one({}, {"$set": {"type": "memory.future"}})
    path = f"/v1/dead-letters/{jobs[0]['job_id']}"

    assert alice.get(path).json()["type"] == "memory.future"
    assert alice.post(f"{path}:replay").status_code == 503
    many = alice.post("/v1/jobs:replay", json={}).json()
    assert (many["matched"], many["refused"]) == (1, 1)
    assert alice.get(path).json()["status"] == "open"
