"""What is answered of sixty questions that name nothing as it was told."""

from datetime import UTC, datetime, timedelta

import pytest

from keepsake.memory.models import MemoryScope
from keepsake.memory.service import MemoryService
from keepsake.memory.storing.documents import INDEXES
from keepsake.memory.turn import Turn
from keepsake.storage.indexes import ensure_indexes
from tests.integration.memory.questions import PEOPLE

_FIRST = datetime(2024, 5, 1, 10, tzinfo=UTC)


@pytest.fixture
def ask(database):
    """Tells all people's turns, then answers a question to one of them."""
    ensure_indexes(database, INDEXES)
    memory = MemoryService.over(database)
    for name, person in PEOPLE.items():
        for number, (text, response) in enumerate(person.turns):
            turn = Turn(user_query=text, agent_response=response,
                        session_datetime=(_FIRST + timedelta(days=number)).isoformat())  # fmt: skip
            memory.pipeline.ingest(MemoryScope("alice", name), turn, job_id=f"{name}{number}")
    return lambda name, question: memory.retrieval.retrieve(MemoryScope("alice", name), question)


def test_most_of_what_is_stored_is_answered_and_little_of_what_is_near(ask):
    asked = [(name, question, word, ask(name, question))
             for name, person in PEOPLE.items() for question, word in person.answered]  # fmt: skip
    near = [(name, question, word, ask(name, question))
            for name, person in PEOPLE.items() for question, word in person.near]  # fmt: skip

    right = [each for each in asked if each[3].known and each[2] in each[3].answer]
    wrong = [(question, answer.answer) for _, question, word, answer in [*asked, *near]
             if answer.known and not (word and word in answer.answer)]  # fmt: skip

    assert len(right) >= 10, asked
    assert len(wrong) <= 2, wrong
