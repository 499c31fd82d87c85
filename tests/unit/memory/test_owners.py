"""Whose an event or a measure is."""

import pytest

from keepsake.memory.domains.registry import classify, extract
from keepsake.memory.turn import Turn
from tests.unit.memory.scoring import SAID_ON


def slots(text, speaker=""):
    turn = Turn(user_query=text, speaker=speaker)
    read = extract(turn, classify(turn), SAID_ON)
    return {f"{each.slot.subject}/{each.slot.attribute}={each.slot.value}"
            for each in read if each.slot}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("My cousin's graduation is on 8 June.", "cousin/graduation date=2024-06-08"),
        ("My brother's wedding is on 8 June.", "brother/wedding date=2024-06-08"),
        ("My husband's birthday is on 8 June.", "husband/birthday date=2024-06-08"),
        ("My grandparents' anniversary is on 8 June.", "grandparents/anniversary date=2024-06-08"),
        ("Marta's hearing is on 8 June.", "marta/hearing date=2024-06-08"),
        ("My niece has a recital and an exam on 8 June.", "niece/exam date=2024-06-08"),
        ("My exam is on 8 June.", "user/exam date=2024-06-08"),
        ("My dentist moved my appointment to 8 June.", "user/dentist appointment date=2024-06-08"),
        ("I have a session with the coach on 8 June.", "user/coach session date=2024-06-08"),
        ("Tuesday's viewing was moved to 8 June.", "user/viewing date=2024-06-08"),
    ],
)
def test_an_event_is_of_whom_it_is_said_of(text, event):
    found = {each for each in slots(text) if " date=" in each}

    assert found == {event}


def test_what_a_speaker_says_of_theirs_is_of_theirs():
    assert "ana's brother/wedding date=2024-06-08" in slots(
        "My brother's wedding is on 8 June.", speaker="Ana"
    )


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("My nephew was born in 2017.", "nephew/birth year=2017"),
        ("My mum's blood pressure is 135/85.", "mum/blood pressure=135/85"),
        ("My sister's blood type is AB.", "sister/blood type=ab"),
        ("My daughter wears size 31 shoes.", "daughter/shoe size=31"),
    ],
)
def test_a_measure_of_a_relation_is_not_the_users(text, measure):
    found = slots(text)

    assert measure in found
    assert f"user/{measure.partition('/')[2]}" not in found


@pytest.mark.parametrize("text", ["Ada Lovelace was born in 1815.", "The king was born in 1948."])
def test_what_is_of_nobody_known_is_not_the_users(text):
    assert slots(text) == set()
