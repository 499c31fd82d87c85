"""After a change of the model all vectors are made anew, and nothing else changes."""

import json
from dataclasses import replace

import pytest

from keepsake.inference import E5, MINILM, Embedder
from keepsake.memory import reembedding
from keepsake.memory.models import MemoryScope
from keepsake.memory.searching.search import MemoryQuery
from keepsake.memory.service import MemoryService
from keepsake.memory.storing.restoring import exported
from keepsake.storage.mongo import Unfenced
from tests.integration.memory.conftest import ALICE

NEW = replace(MINILM, name=E5.name)
"""Another model to all but the files that it is read from, which are quicker to read."""
SAID = ("I live in Paris.", "I am allergic to peanuts.", "I like figs.", "My sister is a doctor.")
LONG = "I went to the market. " * 60 + "The pipes froze. " * 60
MEANT = MemoryQuery(query="Which food is dangerous for me?", explain=True)


@pytest.fixture
def changed(database, monkeypatch):
    """The service of a process with another model, which embeds two documents at a time."""
    monkeypatch.setattr(reembedding, "_TOGETHER", 2)
    return MemoryService.over(database, embedder=Embedder(NEW))


@pytest.fixture
def told(say):
    for text in SAID:
        say(text)
    say(LONG, effort_level="high")


def anew(service, scope=ALICE):
    return list(service.reembedding.embed(scope, 0, Unfenced()))


def asked_for(database):
    return list(database["jobs"].find({"type": "memory.embed"}, {"payload": 1, "priority": 1}))


def dense(service):
    return {hit.content: hit.explain["dense"] for hit in service.search.find(ALICE, MEANT)}


def nearness(service):
    return {hit.content: hit.nearness for hit in service.search.find(ALICE, MEANT)}


def plain(documents):
    return [{name: value for name, value in document.items()
             if name not in {"vector", "embedded_by", "schema"}}
            for document in documents]  # fmt: skip


def test_vectors_of_another_model_are_not_compared_and_words_find_all(changed, told):
    assert set(dense(changed).values()) == {0}
    found = changed.search.find(ALICE, MemoryQuery(query="peanuts", kinds=("memory",)))
    assert "peanuts" in found[0].content


def test_the_first_search_asks_for_one_job_of_the_user_s(changed, told, database):
    for _ in range(3):
        changed.search.find(ALICE, MEANT)
    other = MemoryService.over(database, embedder=Embedder(NEW))
    other.search.find(ALICE, MEANT)

    (job,) = asked_for(database)
    assert job["payload"] == {"user_id": ALICE.user_id, "model": NEW.name}
    assert job["priority"] == "bulk"


def test_where_the_model_stayed_none_is_asked_for(memory, told, database):
    memory.search.find(ALICE, MEANT)

    assert asked_for(database) == []


def test_all_vectors_are_made_anew_and_nothing_else_changes(memory, changed, told, stored):
    before, as_it_was = stored(), nearness(memory)

    counts = anew(changed)

    assert counts == [*range(2, len(before), 2), len(before)]
    assert plain(stored()) == plain(before)
    assert {document["embedded_by"] for document in stored()} == {NEW.name}
    assert [len(each["vector"]) for each in stored()] == [len(each["vector"]) for each in before]
    assert nearness(changed) == pytest.approx(as_it_was, abs=1e-3)
    assert changed.reembedding.count(ALICE) == 0
    assert anew(changed) == []


def test_a_search_meanwhile_compares_what_is_there(changed, told):
    embedding = changed.reembedding.embed(ALICE, 0, Unfenced())
    next(embedding), next(embedding)

    assert 0 < sum(part == 0 for part in dense(changed).values()) < len(dense(changed))


def test_what_is_written_meanwhile_has_vectors_of_the_present_model(changed, told, stored):
    embedding = changed.reembedding.embed(ALICE, 0, Unfenced())
    next(embedding)
    edited = next(each["_id"] for each in stored() if each["content"] == "I like figs."
                  and each["kind"] == "memory")  # fmt: skip
    new_id = changed.changes.edit(ALICE, edited, "I like plums.")
    deleted = next(each["_id"] for each in stored() if "sister" in each["content"])
    changed.changes.delete(ALICE, deleted)
    list(embedding)

    by_id = {document["_id"]: document for document in stored()}
    assert deleted not in by_id
    assert by_id[edited]["superseded_by"] == new_id
    assert {document["embedded_by"] for document in by_id.values()} == {NEW.name}


def test_nobody_comes_back_who_was_erased_meanwhile(changed, told, database):
    embedding = changed.reembedding.embed(ALICE, 0, Unfenced())
    next(embedding)
    changed.changes.erase(ALICE)
    list(embedding)

    assert database["memories"].count_documents({}) == 0
    assert database["memory_users"].count_documents({}) == 0


def test_it_goes_on_where_it_was_left_and_touches_no_other_user(changed, told, say, database):
    say("I live in Oslo.", scope=MemoryScope("alice", "u2"))
    first = changed.reembedding.embed(ALICE, 0, Unfenced())
    done = next(first)
    first.close()
    waiting = changed.reembedding.count(ALICE)

    *_, last = changed.reembedding.embed(ALICE, done, Unfenced())

    assert last == done + waiting
    assert database["memories"].count_documents({"embedded_by": {"$ne": NEW.name}}) == 2


def test_a_version_that_knows_no_other_model_leaves_them_alone(changed, told, database):
    anew(changed)
    assert database["memories"].distinct("schema") == [3]

    anew(MemoryService.over(database))
    assert database["memories"].distinct("schema") == [2]
    assert database["memories"].distinct("embedded_by") == [MINILM.name]


def test_an_export_says_no_model_and_comes_back_with_the_present_one(memory, changed, told, stored):
    lines = [json.dumps(record) for record in memory.archive.export(ALICE)]
    sizes = [len(document["vector"]) for document in stored()]
    memory.changes.erase(ALICE)

    list(changed.restoring.restore(ALICE, list(enumerate(map(exported, lines))), Unfenced()))

    assert "MiniLM" not in "".join(lines)
    assert {document["embedded_by"] for document in stored()} == {NEW.name}
    assert [len(document["vector"]) for document in stored()] == sizes
