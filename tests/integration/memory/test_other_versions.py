"""A memory of another version, or a damaged one, spoils no search and no judging."""

import pytest

from keepsake.memory.domains.registry import DOMAINS
from keepsake.memory.storing.documents import SCHEMA
from tests.integration.memory.conftest import ALICE

CHANGES = {
    "a later schema": {"schema": SCHEMA + 1},
    "a kind that is not known": {"kind": "picture"},
    "a domain that is not known": {"domain": "music"},
    "a time that is text": {"said_at": "yesterday"},
    "a day that is none": {"event_date": "soon"},
    "no vector": {"vector": None},
    "a fact without a subject": {"slot": {"attribute": "home"}},
    "no provenance": {"provenance": None},
    "provenance without a job": {"provenance": {}},
    "no support": {"support": None},
    "no keys": {"keys": None},
    "no confidence": {"confidence": None},
    "no time of its making": {"created_at": None},
    "an order that is text": {"order": "third"},
}


@pytest.fixture(params=CHANGES.values(), ids=CHANGES)
def spoilt(request, say, database):
    """Says two things; one of the memories is spoilt."""
    say("I like figs.")
    say("I live in Lisbon.")
    spoilt = {"kind": "memory", "content": "I live in Lisbon."}
    assert database["memories"].update_one(spoilt, {"$set": request.param}).matched_count == 1


def test_all_others_are_found(memory, spoilt):
    hits = memory.search.search(ALICE, "What do I like?", domains=list(DOMAINS), top_k=10)

    assert "I like figs." in {hit.content for hit in hits}


def test_what_is_said_later_is_judged_and_found(memory, say, spoilt):
    report = say("I live in Lyon.")
    hits = memory.search.search(ALICE, "Where do I live?", domains=["profile"], top_k=10)

    assert report.operations
    assert hits[0].content == "I live in Lyon."


def test_lists_and_exports_go_on(memory, spoilt):
    assert memory.archive.page(ALICE).memories
    assert len(list(memory.archive.export(ALICE))) == 4


def test_every_new_memory_says_its_schema(say, database):
    say("I live in Lisbon.")

    assert database["memories"].distinct("schema") == [SCHEMA]
    assert database["memories"].count_documents({"schema": SCHEMA}) == 2


def test_a_user_whose_record_has_a_revision_alone_is_read(say, memory, database):
    say("I live in Lyon.")
    others = {"epoch": 1, "stored": 1, "recount_at": 1, "written_at": 1}
    database["memory_users"].update_one({"user_id": ALICE.user_id}, {"$unset": others})

    assert [fact.content for fact in memory.contexts.of(ALICE).profile] == ["I live in Lyon."]
    assert (memory.usage.recount(), memory.usage.of(ALICE.owner)["memories"] > 0) == (1, True)
