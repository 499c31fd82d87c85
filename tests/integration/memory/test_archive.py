import pytest

from keepsake.inference.embedding import Embedder
from keepsake.memory.errors import NoSuchMemory
from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.searching.search import MemoryQuery
from keepsake.memory.storing.archive import EXAMINED, Archive, Changes
from keepsake.memory.storing.repository import MemoryRepository
from tests.integration.memory.conftest import ALICE

BOB = MemoryScope("bob", "u1")


@pytest.fixture
def archive(database, memory):
    return Archive(database)


@pytest.fixture
def changes(database, memory):
    return Changes(database, MemoryRepository(database), Embedder())


def test_memories_are_listed_page_by_page(say, archive):
    for subject in ("jazz", "tea", "rain"):
        say(f"I like {subject}.")

    first = archive.page(ALICE, limit=2)
    second = archive.page(ALICE, limit=2, after=first.next_after)

    shown = [document["content"] for document in (*first.memories, *second.memories)]
    assert sorted(shown) == ["I like jazz.", "I like rain.", "I like tea."]
    assert second.next_after is None
    assert len(archive.page(ALICE, kinds=[Kind.TURN]).memories) == 3


def test_a_memory_shows_its_history_and_where_it_came_from(say, archive):
    say("I live in Paris.", job_id="a", session_datetime="2020-01-01T00:00:00Z")
    say("I moved to Berlin.", job_id="b", session_datetime="2022-01-01T00:00:00Z")

    berlin = archive.get(ALICE, "mem_b_0_1")

    assert [(document["content"], document["valid_to"]) for document in berlin["history"]] == [
        ("I live in Paris.", "2022-01-01T00:00:00+00:00"),
        ("I moved to Berlin.", None),
    ]
    assert berlin["provenance"]["turn_id"] == "turn_b_0"
    assert "vector" not in berlin


def test_an_edit_keeps_what_was_said_before_as_history(say, archive, changes, memory):
    say("I live in Paris.", job_id="a")

    new = changes.edit(ALICE, "mem_a_0_1", "I live in Lyon.")

    edited = archive.get(ALICE, new)
    assert [document["content"] for document in edited["history"]] == [
        "I live in Paris.",
        "I live in Lyon.",
    ]
    assert edited["slot"]["value"] == "lyon"
    hits = memory.search.find(ALICE, MemoryQuery(query="Where do I live?", kinds=(Kind.MEMORY,)))
    assert [hit.content for hit in hits] == ["I live in Lyon."]
    assert say("I live in Lyon.").operations[1].reason == "known already"


def test_a_deleted_memory_is_gone(say, archive, changes, memory):
    say("I like jazz. I like tea.", job_id="a")

    assert changes.delete(ALICE, "mem_a_0_1") == 1

    with pytest.raises(NoSuchMemory):
        archive.get(ALICE, "mem_a_0_1")
    hits = memory.search.find(ALICE, MemoryQuery(query="jazz", kinds=(Kind.MEMORY,)))
    assert [hit.content for hit in hits] == ["I like tea."]


def test_a_deleted_turn_takes_along_what_only_it_said(say, changes, stored):
    say("I like jazz. I like tea.", job_id="a")
    say("I love tea.", job_id="b")

    assert changes.delete(ALICE, "turn_a_0") == 2

    assert sorted(document["content"] for document in stored()) == ["I like tea.", "I love tea."]


def test_all_of_a_user_is_exported(say, archive):
    say("I live in Paris.")
    say("I moved to Berlin.")

    exported = list(archive.export(ALICE))

    assert sorted(document["kind"] for document in exported) == ["memory", "memory", "turn", "turn"]
    assert not {"vector", "owner", "_id"} & set().union(*exported)


def test_an_erased_user_is_gone_and_the_counts_prove_it(say, changes, memory, database):
    say("I live in Paris.")
    say("I live in Rome.", scope=BOB)

    erased = changes.erase(ALICE)

    assert erased.before == {"turns": 1, "memories": 1, "ledger": 1, "replies": 0, "uploads": 0}
    assert erased.after == dict.fromkeys(erased.before, 0)
    left = [n for n in database.list_collection_names() if database[n].find_one({"owner": "alice"})]
    assert left == []
    assert memory.search.find(ALICE, MemoryQuery(query="Paris")) == []
    assert len(memory.search.find(BOB, MemoryQuery(query="Rome"))) >= 1


def test_another_owners_memories_cannot_be_reached(say, archive, changes):
    say("I live in Paris.", job_id="a")

    for reach in (
        lambda: archive.get(BOB, "mem_a_0_1"),
        lambda: changes.edit(BOB, "mem_a_0_1", "I live in Rome."),
        lambda: changes.delete(BOB, "mem_a_0_1"),
    ):
        with pytest.raises(NoSuchMemory):
            reach()
    assert list(archive.export(BOB)) == []
    assert len(list(archive.export(ALICE))) == 2


def test_a_page_of_memories_looks_at_two_thousand_documents_of_a_long_history(database, archive):
    """Thousands of turns, and a memory behind them."""
    whose = {"owner": ALICE.owner, "user_id": ALICE.user_id, "domain": "profile", "valid_to": None}
    turns = [{**whose, "_id": f"a{n:05}", "kind": "turn", "identity": n} for n in range(5_000)]
    database["memories"].insert_many([*turns, {**whose, "_id": "b", "kind": "memory"}])
    contents, after, pages = [], "", 0
    database.command("profile", 2)
    try:
        while pages == 0 or after:
            page = archive.page(ALICE, after=after)
            contents += [memory["id"] for memory in page.memories]
            after, pages = page.next_after, pages + 1
    finally:
        database.command("profile", 0)
        looked = [row["docsExamined"] for row in database["system.profile"].find({"op": "query"})]
        database["system.profile"].drop()

    assert (contents, pages) == (["b"], 3)
    assert max(looked) <= EXAMINED
