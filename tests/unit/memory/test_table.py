from datetime import date

import pytest

from keepsake.memory.domains.lasting import settled
from keepsake.memory.domains.registry import classify, extract
from keepsake.memory.turn import Turn
from tests.unit.memory.scoring import EMBEDDER
from tests.unit.memory.table import NOTHING, TABLE

SAID_ON = date(2024, 5, 15)


def told(text):
    """The candidates of a turn, each as the table writes it."""
    turn = Turn(user_query=text)
    found = []
    for one in settled(extract(turn, classify(turn), SAID_ON), EMBEDDER):
        slot, day = one.slot, one.when
        fact = (
            f"{'-' if slot.negated else ''}{slot.subject}/{slot.attribute}={slot.value}"
            if slot
            else ""
        )
        found.append(
            f"{one.domain}: {fact or (day.first.isoformat() if day else '')} {one.content}"
        )
    return [text for text in found if not text.startswith("summary:")]


def fact(slot):
    sign = "-" if slot and slot.negated else ""
    return f"{sign}{slot.subject}/{slot.attribute}={slot.value}" if slot else ""


def holds(memory, wanted):
    domain, _, part = wanted.partition(": ")
    return memory.startswith(f"{domain}: ") and part in memory.removeprefix(f"{domain}: ")


def test_the_table_has_at_least_sixty_turns():
    assert len(TABLE) >= 60
    assert len({text for text, _, _ in TABLE}) == len(TABLE)


@pytest.mark.parametrize(("text", "must", "must_not"), TABLE)
def test_a_turn_gives_the_memories_it_must_and_no_other(text, must, must_not):
    memories = told(text)

    if must == NOTHING:
        assert memories == []
        return
    assert [
        wanted for wanted in must if not any(holds(memory, wanted) for memory in memories)
    ] == []
    facts = [memory.replace(text, "").replace(text.rstrip("."), "") for memory in memories]
    assert [word for word in must_not if any(word in fact for fact in facts)] == []


def test_what_an_agent_answers_is_no_fact():
    turn = Turn(user_query="Thanks!", agent_response="I know: you live in Paris. I like you.")

    candidates = settled(extract(turn, classify(turn), SAID_ON), EMBEDDER)

    assert [candidate.domain for candidate in candidates] == ["summary"]
