from dataclasses import asdict

import pytest

from keepsake.memory.searching.search import MemoryQuery
from keepsake.memory.storing.undo import Undo, Undone
from tests.integration.memory.conftest import ALICE

PARIS, BERLIN = "I live in Paris.", "I moved to Berlin."


@pytest.fixture
def undo(database):
    return Undo(database)


def places(stored):
    return {
        document["content"]: document["valid_to"] is None
        for document in stored()
        if document["slot"] and document["slot"]["attribute"] == "lives_in"
    }


def test_undoing_the_only_job_leaves_nothing(say, undo, stored):
    say("I live in Paris. I like jazz. I saw Ana last Friday.", job_id="job")

    assert undo.undo("alice", "job") == Undone(removed=4)
    assert stored() == []


def test_undo_opens_again_what_the_job_superseded(say, undo, stored):
    say(PARIS)
    before = stored()
    say(BERLIN, job_id="job")

    assert undo.undo("alice", "job").reopened == 1
    assert stored() == before


def test_undo_opens_again_what_the_job_denied(say, undo, stored):
    say("I work at Initech. I like jazz.")
    before = stored()
    say("I quit Initech.", job_id="job")

    undo.undo("alice", "job")

    assert stored() == before


def test_a_job_in_the_middle_is_undone_as_if_it_had_never_run(say, undo, stored):
    say(PARIS, job_id="a")
    say(BERLIN, job_id="b")
    say("I live in Rome.", job_id="c")

    undo.undo("alice", "b")

    assert places(stored) == {PARIS: False, "I live in Rome.": True}
    paris, rome = (document for document in stored() if document["slot"])
    assert (paris["superseded_by"], paris["valid_to"]) == (rome["_id"], rome["valid_from"])


@pytest.mark.parametrize("said", [{}, {"session_datetime": "2024-05-15T10:00:00Z"}])
@pytest.mark.parametrize("order", ["abc", "acb", "bac", "bca", "cab", "cba"])
def test_jobs_are_undone_in_any_order(say, undo, stored, order, said):
    say(PARIS, job_id="a", **said)
    say(BERLIN, job_id="b", **said)
    say("I live in Rome.", job_id="c", **said)

    for job_id in order[:2]:
        undo.undo("alice", job_id)

    assert list(places(stored).values()) == [True]
    undo.undo("alice", order[2])
    assert stored() == []


def test_what_another_turn_says_too_stays_as_its_own(say, undo, stored):
    say("I like jazz.", job_id="a")
    say("I love jazz!", job_id="b")

    assert undo.undo("alice", "a") == Undone(removed=1, kept=1)

    (kept,) = (document for document in stored() if document["slot"])
    assert kept["provenance"]["job_id"] == "b"
    assert [document["job_id"] for document in kept["support"]] == ["b"]
    undo.undo("alice", "b")
    assert stored() == []


def test_a_kept_value_still_ends_the_one_before_it(say, undo, stored):
    say(PARIS, job_id="a")
    say(BERLIN, job_id="b")
    say("I live in Berlin, still.", job_id="c")

    undo.undo("alice", "b")

    assert places(stored) == {PARIS: False, BERLIN: True}
    undo.undo("alice", "c")
    assert places(stored) == {PARIS: True}


def test_undoing_twice_changes_nothing_more(say, undo, stored):
    say(PARIS)
    say(BERLIN, job_id="job")
    undo.undo("alice", "job")
    after = stored()

    assert undo.undo("alice", "job") == Undone()
    assert stored() == after


def test_an_undone_turn_may_be_told_again(say, undo, stored):
    say(PARIS, job_id="a")
    undo.undo("alice", "a")

    say(PARIS, job_id="b")

    assert places(stored) == {PARIS: True}


def test_another_owner_cannot_undo_or_see_a_job(say, undo, stored):
    say(PARIS, job_id="job")
    before = stored()

    assert undo.undo("bob", "job") == Undone()
    assert list(undo.effects("bob", "job")) == []
    assert stored() == before


def test_a_jobs_effects_are_listed(say, undo):
    say(PARIS, job_id="a")
    say(BERLIN, job_id="job")

    effects = [asdict(effect) for effect in undo.effects("alice", "job")]

    assert [
        (document["type"], document["domain"], document["content"], document["undone"])
        for document in effects
    ] == [
        ("ADD", "summary", BERLIN, False),
        ("UPDATE", "profile", BERLIN, False),
    ]
    assert effects[1]["memory_id"] == "mem_job_0_1"
    undo.undo("alice", "job")
    assert all(effect.undone for effect in undo.effects("alice", "job"))


def test_the_search_no_longer_finds_what_was_undone(say, undo, memory):
    say(PARIS, job_id="a")
    say(BERLIN, job_id="job")
    assert len(memory.search.find(ALICE, MemoryQuery(query="Berlin"))) == 2

    undo.undo("alice", "job")

    assert [hit.content for hit in memory.search.find(ALICE, MemoryQuery(query="Berlin"))] == [
        PARIS
    ]


def test_what_was_forgotten_is_told_and_can_be_undone(say, undo, stored):
    said = "My salary is 80k. I have a dentist appointment on 21 May 2030. I like jazz."
    say(said)
    before = stored()
    report = say("Forget what I told you about my salary.", job_id="job")

    assert [(each.action, each.reason) for each in report.operations[1:]] == [
        ("DELETE", "forgotten: salary")
    ] * 2
    ended = {each.content for each in undo.effects("alice", "job") if each.type == "DELETE"}
    assert ended == {"My salary is 80k.", said}
    assert {d["content"] for d in stored() if d["valid_to"]} == ended

    undo.undo("alice", "job")
    assert stored() == before


def test_a_note_and_an_event_are_forgotten_too(say, stored):
    say("I see my therapist on Fridays. I have a therapist appointment on 21 May 2030.")
    say("Please delete everything about my therapist.")

    open_now = [d["content"] for d in stored() if d["kind"] == "memory" and not d["valid_to"]]
    assert open_now == []
