"""MongoDB's wall clock steps back between two statements: the later one wins all the same."""

import pytest

from keepsake.jobs.engine import Engine
from keepsake.memory.service import MemoryService
from keepsake.memory.storing.documents import INDEXES
from keepsake.memory.turn import Turn
from keepsake.parts import job_types
from keepsake.storage.indexes import ensure_indexes
from tests.factories import a_job
from tests.integration.memory.conftest import ALICE

BACK = -900


@pytest.fixture
def memory(stepped):
    database, _ = stepped
    ensure_indexes(database, INDEXES)
    return MemoryService.over(database)


def held(stepped):
    facts = stepped[0]["memories"].find({"domain": "profile", "valid_to": None})
    return [fact["content"] for fact in facts]


def test_what_is_said_to_be_remembered_now(memory, stepped, say):
    say("I live in Paris.")
    stepped[1](BACK)
    say("I moved to Berlin.")
    say("I moved to Rome.")
    stepped[1](0)
    say("I moved to Oslo.")

    assert held(stepped) == ["I moved to Oslo."]


def test_what_is_said_in_jobs(memory, stepped):
    database, step = stepped
    engine = Engine.over(database, job_types())
    for seconds, text in ((0, "I live in Paris."), (BACK, "I moved to Berlin.")):
        step(seconds)
        job = engine.acceptance.accept(a_job(payload={"user_query": text})).job
        accepted_at = engine.claims.claim(job.lane, "w").job.accepted_at
        turn = Turn(user_query=text)
        memory.pipeline.ingest(ALICE, turn, job_id=job.id, accepted_at=accepted_at)

    assert held(stepped) == ["I moved to Berlin."]


def test_what_is_edited_by_hand(memory, stepped, say):
    say("I live in Paris.")
    (old,) = stepped[0]["memories"].find({"domain": "profile"})
    stepped[1](BACK)
    memory.changes.edit(ALICE, old["_id"], "I live in Lyon.")

    say("I moved to Rome.")

    assert held(stepped) == ["I moved to Rome."]
