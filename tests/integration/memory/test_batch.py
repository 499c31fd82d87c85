import pytest

from keepsake.memory.batch import batch_items
from keepsake.memory.models import MemoryScope
from keepsake.storage.mongo import StorageUnavailable
from tests.integration.memory.conftest import ALICE


def payload(text, user_id="u1", **fields):
    return {"user_query": text, "user_id": user_id, "session_datetime": "2024-05-15T10:00:00Z",
            **fields}  # fmt: skip


def moves(user_id, places):
    return [payload(f"I live in {place}.", user_id) for place in places]


def test_each_users_turns_are_remembered_in_their_order(memory, stored):
    users = [f"u{number}" for number in range(6)]
    mixed = [turn for turns in zip(*(moves(u, ["Paris", "Rome", "Oslo"]) for u in users),
                                   strict=True) for turn in turns]  # fmt: skip
    good, bad = batch_items("alice", mixed)

    outcomes = list(memory.batch.ingest(good, job_id="job"))

    assert bad == []
    assert sorted(outcome.position for outcome in outcomes) == list(range(18))
    assert {outcome.status for outcome in outcomes} == {"succeeded"}
    for user in users:
        facts = [outcome for outcome in stored(MemoryScope("alice", user)) if outcome["slot"]]
        assert [outcome["content"] for outcome in facts if outcome["valid_to"] is None] == [
            "I live in Oslo."
        ]


def test_turns_of_one_moment_are_a_history_in_their_order(memory, stored):
    places = [f"Town{number}" for number in range(12)]
    good, _ = batch_items("alice", moves("u1", places))

    list(memory.batch.ingest(good, job_id="job"))

    (now,) = (
        document for document in stored() if document["slot"] and document["valid_to"] is None
    )
    history = memory.archive.get(ALICE, now["_id"])["history"]
    assert [document["content"] for document in history] == [
        f"I live in {place}." for place in places
    ]
    assert [document["superseded_by"] for document in history] == [
        *(document["id"] for document in history[1:]),
        None,
    ]


def test_what_does_not_fit_is_reported_and_the_rest_is_remembered(memory, stored):
    good, bad = batch_items("alice", [payload("I like tea."), {"user_query": ""}, "no turn", None])

    outcomes = list(memory.batch.ingest(good, job_id="job"))

    assert [(outcome.position, outcome.status) for outcome in outcomes] == [(0, "succeeded")]
    assert [(outcome.position, outcome.error) for outcome in bad] == [
        (1, "the item does not fit: user_query"),
        (2, "the item does not fit: its type"),
        (3, "the item does not fit: its type"),
    ]
    assert len(stored()) == 2


def test_a_batch_that_breaks_off_is_finished_by_running_it_again(memory, stored, database):
    good, _ = batch_items("alice", moves("u1", ["Paris", "Rome", "Oslo", "Lima"]))
    run = memory.batch.ingest(good, job_id="job")
    next(run)
    run.close()

    outcomes = list(memory.batch.ingest(good, job_id="job"))

    assert [outcome.position for outcome in outcomes] == [0, 1, 2, 3]
    assert database["memories"].count_documents({"kind": "turn"}) == 4
    assert len({outcome["_id"] for outcome in stored()}) == 8


def test_the_same_batch_in_another_job_adds_nothing(memory, stored):
    good, _ = batch_items("alice", moves("u1", ["Paris", "Rome"]))
    list(memory.batch.ingest(good, job_id="a"))
    before = stored()

    again = list(memory.batch.ingest(good, job_id="b"))

    assert {outcome.status for outcome in again} == {"skipped"}
    assert again[0].shown()["profile"]["weaver"] == {"succeeded": 0, "skipped": 1, "failed": 0}
    assert stored() == before


def test_an_outage_is_raised_and_not_reported_as_the_items_fault(memory):
    class Fence:
        def assert_owned(self, session):
            raise StorageUnavailable("gone")

    good, _ = batch_items("alice", moves("u1", ["Paris"]))

    with pytest.raises(StorageUnavailable):
        list(memory.batch.ingest(good, job_id="job", fence=Fence()))


def test_without_a_user_id_the_memory_is_the_owners_own():
    good, _ = batch_items("alice", [{"user_query": "Hi"}])

    assert good[0].scope == MemoryScope("alice", "alice") != ALICE
