"""What holds after turns that follow each other: a true fact is ended by what ends it alone."""

import hashlib
import re

import pytest

from keepsake.memory.domains.dates import when
from keepsake.memory.judge import judge
from keepsake.memory.keys import sought_keys
from keepsake.memory.models import Action, Candidate, JudgedTurn, Memory, Slot
from tests.unit.memory.amended_sequences import AMENDED_SEQUENCES
from tests.unit.memory.everyday_sequences import EVERYDAY_SEQUENCES
from tests.unit.memory.given_sequences import GIVEN_DATES, GIVEN_SEQUENCES
from tests.unit.memory.own_answers import OWN_ANSWERS
from tests.unit.memory.own_sequences import OWN_DATES, OWN_SEQUENCES
from tests.unit.memory.remembering import FIRST, Memories

NOT_YET = frozenset(
    {
        "I left Nokia and joined Ericsson.",
        "We just had a second daughter, Maren!",
        "Actually no, it's in Brescia.",
        "Oops, I meant Inês with a hat. Her name is Inês.",
        "It's not Ada who's a vet, it's my sister Bea.",
        "I cycle to work now.",
    }
)
"""Last turns of sequences after which not all holds that must, known to be."""
ROWS = [
    pytest.param(*row, marks=[pytest.mark.xfail(strict=True)] if row[0][-1] in NOT_YET else [])
    for table in (OWN_SEQUENCES, GIVEN_SEQUENCES, EVERYDAY_SEQUENCES, AMENDED_SEQUENCES)
    for rows in table.values() for row in rows
]  # fmt: skip


def remembered(*turns):
    memories = Memories()
    for text in turns:
        memories.remember(text)
    return memories


@pytest.mark.parametrize(("turns", "must", "must_not"), ROWS)
def test_what_holds_after_a_sequence(turns, must, must_not):
    held = remembered(*turns).open()

    assert [want for want in must if not any(re.search(want, each) for each in held)] == []
    assert [each for each in held if any(re.search(want, each) for want in must_not)] == []


def test_what_was_stored_before_keys_were_folded_is_found():
    note = Candidate("profile", "Ich spiele öfter Flöte.")
    fact = Candidate("profile", "I like Málaga.", Slot("likes", "málaga", single=False))
    digest = hashlib.sha256("ich spiele öfter flöte\0".encode()).hexdigest()
    stored = [
        Memory("mem_1", "profile", note.content, None, (f"profile:{digest}",), "job1", FIRST),
        Memory("mem_2", "profile", fact.content, fact.slot, ("user/likes=málaga",), "job1", FIRST),
    ]

    known = [each for each in stored for candidate in (note, fact)
             if set(each.keys) & set(sought_keys(candidate))]  # fmt: skip
    operations = judge([note, fact], known, JudgedTurn(FIRST, "job2", "mem_3"))

    assert [operation.target for operation in operations] == ["mem_1", "mem_2"]


@pytest.mark.parametrize(("asked", "answer", "must", "must_not"), OWN_ANSWERS)
def test_a_short_answer_is_read_together_with_its_question(asked, answer, must, must_not):
    held = remembered(("Hello there!", asked), answer).open()

    assert [want for want in must if not any(re.search(want, each) for each in held)] == []
    assert [each for each in held if any(re.search(want, each) for want in must_not)] == []


@pytest.mark.parametrize(("words", "said_on", "first", "last"), OWN_DATES + GIVEN_DATES)
def test_a_date_in_words_is_resolved(words, said_on, first, last):
    day = when(words, FIRST.fromisoformat(said_on).date() if said_on else FIRST.date())

    assert (day.first.isoformat(), day.last.isoformat()) == (first, last)


def test_a_date_that_can_be_read_in_two_ways_says_so():
    assert when("03/04/2025", FIRST.date()).ambiguous
    assert not when("31/12/2024", FIRST.date()).ambiguous


def test_what_is_forgotten_is_listed_one_by_one():
    memories = remembered("My kids are Ida and Ole.", "My kids love swimming.", "I like tea.",
                          "Please delete everything about my kids.")  # fmt: skip

    deleted = [each for each in memories.operations if each.action is Action.DELETE]
    assert deleted
    assert {each.reason for each in deleted} == {"forgotten: kids"}
    assert {each.target for each in deleted} == {
        each.invalidations[0].memory_id for each in deleted
    }
    assert memories.open() == ["user/taste for tea=likes"]


def test_forgetting_what_is_not_known_says_so():
    memories = remembered("I like tea.", "Forget what I told you about my salary.")

    assert [each.reason for each in memories.operations[1:]] == ["nothing known about salary"]
