"""An export comes back whole: the same answers, history and provenance."""

import json
from dataclasses import replace

from keepsake.memory.models import MemoryScope
from keepsake.memory.searching.search import MemoryQuery
from keepsake.memory.storing.restoring import exported
from keepsake.storage.mongo import Unfenced
from tests.integration.memory.model_server import ALICE

QUESTIONS = ("Where do I live?", "What do I like?", "When is the dentist?", "pipes")
LONG = "I went to the market. " * 60 + "The pipes froze. " * 60
ELSEWHERE = MemoryScope("bob", "alice")


def lines(memory, scope=ALICE):
    return [json.dumps(record) for record in memory.archive.export(scope)]


def restored(memory, written, scope=ALICE):
    records = list(enumerate(map(exported, written)))
    assert not [record for _, record in records if isinstance(record, str)]
    return [status for _, status in memory.restoring.restore(scope, records, Unfenced())]


def answers(memory, scope=ALICE):
    """What is found and answered, and each memory with its history."""
    found = [
        [replace(hit, nearness=0, score=round(hit.score, 2))
         for hit in memory.search.find(scope, MemoryQuery(query=query, top_k=50))]
        for query in QUESTIONS
    ]  # fmt: skip
    said = [memory.retrieval.retrieve(scope, query).answer for query in QUESTIONS]
    ids = sorted(json.loads(line)["id"] for line in lines(memory, scope))
    return found, said, [memory.archive.get(scope, memory_id) for memory_id in ids]


def tell(say):
    say("I live in Paris.", session_datetime="2020-01-01", source_id="t1")
    say("I moved to Berlin.", session_datetime="2022-01-01", agent_response="Nice.")
    say("I like figs.", metadata={"channel": "mail"}, agent_id="tutor")
    say("I like figs.", session_id="s2")
    say("Dentist on 2030-05-01 at 9:00.", session_datetime="2024-01-01T00:00:00+02:00")
    say("I ski with you.", speaker="Ben Ray")
    say("```python\nprint(1)\n```")
    say(LONG, effort_level="high")


def test_what_was_erased_comes_back_with_the_same_answers(memory, say, stored):
    tell(say)
    before, documents, export = answers(memory), stored(), lines(memory)
    memory.changes.erase(ALICE)
    assert memory.archive.counts(ALICE)["turns"] == 0

    assert set(restored(memory, export)) == {"succeeded"}

    assert answers(memory) == before
    assert list(map(json.loads, lines(memory))) == list(map(json.loads, export))
    again = stored()
    for each, other in zip(again, documents, strict=True):
        assert len(each.pop("vector")) == len(other.pop("vector"))
    assert again == documents
    assert set(restored(memory, export)) == {"skipped"}


def test_what_is_said_later_is_judged_by_what_came_back(memory, say):
    tell(say)
    export = lines(memory)
    memory.changes.erase(ALICE)
    restored(memory, export)

    say("I moved to Rome.", session_datetime="2025-01-01")
    say("I live in Paris.", session_datetime="2020-01-01", source_id="t1")

    lived = memory.search.find(ALICE, MemoryQuery(query="Where do I live?", kinds=("memory",)))
    assert lived[0].content == "I moved to Rome."
    past = memory.archive.get(ALICE, lived[0].id)["history"]
    assert [each["content"] for each in past] == [
        "I live in Paris.", "I moved to Berlin.", "I moved to Rome."]  # fmt: skip


def test_an_export_comes_to_another_user_beside_its_own(memory, say):
    tell(say)
    export = lines(memory)

    assert set(restored(memory, export, MemoryScope("bob", "u2"))) == {"succeeded"}

    _, said, _ = answers(memory)
    _, others, histories = answers(memory, MemoryScope("bob", "u2"))
    assert others == said
    linked = {each["superseded_by"] for each in histories} - {None}
    assert linked <= {each["id"] for each in histories}
    assert lines(memory) == export


def test_a_line_that_is_none_is_said_to_be_none():
    good = {"id": "turn_1", "kind": "turn", "domain": "summary", "content": "x",
            "provenance": {"job_id": "j"}, "created_at": "2024-01-01", "said_at": "2024-01-01",
            "valid_from": "2024-01-01"}  # fmt: skip

    assert not isinstance(exported(json.dumps(good)), str)
    for wrong in ({"kind": "x"}, {"id": "../1"}, {"content": 1}, {"slot": {"value": 1}},
                  {"metadata": {"a.b": 1}}, {"domain": "none"}, {"order": -1}):  # fmt: skip
        assert str(exported(json.dumps(good | wrong))).endswith(next(iter(wrong))) or "." in str(
            exported(json.dumps(good | wrong)))  # fmt: skip
    assert exported("[]") == "the line does not fit: it is no JSON object"
