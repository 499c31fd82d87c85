"""What a fact by hand states, before it is judged."""

from datetime import date

import pytest
from pydantic import ValidationError

from keepsake.memory.by_hand import BY_HAND, stated_by
from keepsake.memory.turn import StatedFact

DAY = date(2026, 1, 31)


def slots(content, **fields):
    return [(each.domain, each.slot and (each.slot.subject, each.slot.attribute, each.slot.value,
                                         each.slot.single, each.slot.negated))
            for each in stated_by(StatedFact(content=content, **fields), DAY)]  # fmt: skip


def test_a_sentence_is_read_as_what_a_user_says():
    assert slots("I live in Lyon.") == [("profile", ("user", "lives_in", "lyon", True, False))]
    assert slots("My sister lives in Oslo.")[0][1][:3] == ("sister", "lives_in", "oslo")
    (event,) = stated_by(StatedFact(content="My dentist appointment is on 3 March 2026."), DAY)
    assert (event.domain, event.when.first) == ("temporal", date(2026, 3, 3))
    assert slots("Always answer in German.")[0][1][1] == "instruction"
    assert slots("I don't own a car.")[0][1][4] is True


def test_a_value_is_of_the_attribute_that_is_named():
    assert slots("Lyon", attribute="lives in") == [
        ("profile", ("user", "lives_in", "lyon", True, False))
    ]
    assert slots("I live in Lyon.", attribute="lives_in") == slots("Lyon", attribute="lives_in")
    assert slots("peanuts", attribute="allergic_to")[0][1][3] is False
    assert slots("Blue", attribute="shirt color")[0][1] == (
        "user", "shirt color", "blue", True, False,
    )  # fmt: skip
    assert slots("Rex", attribute="club", single=False)[0][1][3] is False
    assert slots("Oslo", attribute="lives_in", subject="Sister")[0][1][0] == "sister"


def test_what_is_not_read_is_a_note_by_hand_as_sure_as_its_author():
    (note,) = stated_by(StatedFact(content="Prefers calls to mails, says HR."), DAY)

    assert (note.slot, note.confidence, note.model, note.domain) == (None, 1.0, BY_HAND, "profile")
    assert note.content == "Prefers calls to mails, says HR."


def test_nothing_is_forgotten_by_hand():
    assert slots("Forget everything about my salary.") == [("profile", None)]


@pytest.mark.parametrize("bad", [
    {"content": " "}, {"content": "x" * 1_001}, {"attribute": "a\nb"}, {"attribute": "#x"},
    {"subject": ""}, {"domain": "code"}, {"attribute": "x" * 65},
])  # fmt: skip
def test_what_does_not_fit_is_refused(bad):
    with pytest.raises(ValidationError):
        StatedFact(**{"content": "I live in Lyon.", **bad})
