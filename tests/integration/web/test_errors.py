"""Why a job failed: what its owner is told, and what operators are."""

from datetime import UTC, datetime

import pytest

from keepsake.access.keys import Role
from keepsake.jobs.errors import Transient
from keepsake.jobs.sweeper import Sweeper
from middleware.diagnosis import described
from tests.factories import claimed

OWNERS_FIELDS = {"kind", "type", "message", "hint", "attempt", "occurred_at", "diagnosis"}


def failed_as(error):
    """What is recorded of it once it was raised."""

    def fail():
        raise error

    with pytest.raises(type(error)) as caught:
        fail()
    return {**described(caught.value), "attempt": 1}


@pytest.fixture
def operator(clients):
    return clients("ops", role=Role.OPERATOR_READ_ONLY)


def test_an_owner_is_told_what_to_do_and_nothing_of_the_code(alice, engine):
    claim = claimed(engine)
    engine.claims.retry(claim, failed_as(KeyError("a user's word")), 600)

    job = alice.get(f"/v1/jobs/{claim.job.id}").json()
    row = alice.get(f"/v1/jobs/{claim.job.id}/attempts").json()["attempts"][0]

    assert job["error"] == row["error"]
    assert job["error"].keys() == OWNERS_FIELDS
    assert (job["error"]["kind"], job["error"]["type"]) == ("transient", "internal")
    assert "report the job's id" in job["error"]["hint"]
    assert job["error"]["diagnosis"] is None
    assert "KeyError" not in str(row)
    assert "word" not in str(row)


def test_operators_see_what_was_raised_and_where_among_attempts_and_dead_letters(
    alice, operator, engine
):
    claim = claimed(engine)
    engine.dead_letters.give_up(claim, failed_as(KeyError("a user's word")))
    path = f"/v1/dead-letters/{claim.job.id}"

    row = operator.get(f"/v1/jobs/{claim.job.id}/attempts").json()["attempts"][0]
    letter = operator.get(path).json()
    listed = operator.get("/v1/dead-letters").json()["dead_letters"][0]

    for error in (row["error"], letter["error"], letter["attempts"][0]["error"], listed["error"]):
        assert error["diagnosis"]["exception"] == "KeyError"
        assert "web/test_errors.py" in error["diagnosis"]["traceback"][-1]
        assert "word" not in str(error)
    assert alice.get(path).json()["error"]["diagnosis"] is None


def test_an_error_keeps_the_time_at_which_it_happened(alice, engine):
    claim = claimed(engine)
    engine.claims.retry(claim, failed_as(Transient("away")), 600)
    path = f"/v1/jobs/{claim.job.id}"

    first = alice.get(path).json()
    alice.post(f"{path}:pause")
    later = alice.get(path).json()
    row = alice.get(f"{path}/attempts").json()["attempts"][0]

    assert later["updated_at"] > first["updated_at"]
    assert later["error"]["occurred_at"] == first["error"]["occurred_at"] == row["ended_at"]
    assert row["error"]["occurred_at"] == row["ended_at"]


def test_every_way_to_an_error_says_when_and_what(alice, engine, database):
    sweeper = Sweeper(engine.records, engine.dead_letters)
    past = {"$set": {"lease_expires_at": datetime(2026, 1, 1, tzinfo=UTC)}}
    cancelled, lost, poison = (claimed(engine, payload={"n": n}).job.id for n in range(3))
    given_up = claimed(engine, payload={"n": 4})
    overdue = alice.post("/v2/memory/ingest", json={"user_query": "I live in Rome."}).json()
    engine.control.cancel("alice", cancelled, by="alice")
    engine.dead_letters.give_up(given_up, failed_as(Transient("away")))
    database["jobs"].update_many({"_id": {"$in": [cancelled, lost, poison]}}, past)
    database["jobs"].update_one({"_id": poison}, {"$set": {"crashes_in_a_row": 9}})
    database["jobs"].update_one(
        {"_id": overdue["job_id"]}, {"$set": {"deadline_at": datetime(2026, 1, 1, tzinfo=UTC)}}
    )
    sweeper.run_once()

    types = {}
    for job_id in (cancelled, lost, poison, given_up.job.id, overdue["job_id"]):
        error = alice.get(f"/v1/jobs/{job_id}").json()["error"]
        assert error["occurred_at"]
        assert error["hint"]
        types[job_id] = error["type"]
        for row in alice.get(f"/v1/jobs/{job_id}/attempts").json()["attempts"]:
            assert row["error"] is None or row["error"]["occurred_at"] == row["ended_at"]
    assert list(types.values()) == [
        "cancelled", "worker-lost", "poison", "transient", "deadline-passed",
    ]  # fmt: skip


def test_an_error_of_an_earlier_version_has_the_time_of_its_end(alice, engine, database):
    claim = claimed(engine)
    old = {"kind": "permanent", "message": "no"}
    engine.dead_letters.give_up(claim, old)
    for name in ("jobs", "dead_letters"):
        database[name].update_one({}, {"$set": {"error": old, "attempts.0.error": old}})

    job = alice.get(f"/v1/jobs/{claim.job.id}").json()
    letter = alice.get(f"/v1/dead-letters/{claim.job.id}").json()

    assert job["error"]["occurred_at"] == job["ended_at"]
    assert letter["error"]["occurred_at"] == letter["died_at"]
    assert letter["attempts"][0]["error"]["occurred_at"] == letter["attempts"][0]["ended_at"]
    assert job["error"]["type"] == "permanent"
