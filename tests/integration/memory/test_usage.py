"""What owners store is counted with each turn, and counted anew where it went another way."""

import json
from datetime import UTC, datetime, timedelta

import bson
import pytest

from keepsake.memory.storing.restoring import exported
from keepsake.memory.storing.usage import MemoryUsage, recounting
from keepsake.storage.mongo import Unfenced
from tests.integration.memory.model_server import ALICE

FAR = datetime.now(UTC) + timedelta(days=9)


@pytest.fixture
def usage(memory, database):
    return MemoryUsage(database)


@pytest.fixture
def there(database):
    """The bytes of what is there, by kind."""

    def counted():
        sizes = {"turns": 0, "memories": 0, "vectors": 0}
        for document in database["memories"].find({"owner": ALICE.owner}):
            rest = len(bson.encode(document)) - len(document["vector"])
            sizes["turns" if document["kind"] == "turn" else "memories"] += rest
            sizes["vectors"] += len(document["vector"])
        return sizes

    return counted


def stored(usage):
    return {kind: size for kind, size in usage.of(ALICE.owner).items() if kind != "uploads"}


def due(database):
    """Let all be counted anew."""
    database["memory_users"].update_many({}, {"$currentDate": {"recount_at": True}})


def test_each_turn_counts_what_it_adds(usage, say, memory, there):
    for text in ("I live in Paris.", "I moved to Rome.", "I moved to Rome.", "I like tea. " * 300):
        say(text)
    held = memory.archive.page(ALICE).memories
    (home,) = [each for each in held if "Rome" in each["content"]]
    memory.changes.edit(ALICE, home["id"], "I live in Milan.")
    say("I like figs.", scope=type(ALICE)(ALICE.owner, "another"))

    assert stored(usage)["vectors"] == there()["vectors"]
    assert stored(usage)["turns"] == pytest.approx(there()["turns"], rel=0.01)
    assert stored(usage)["memories"] == pytest.approx(there()["memories"], rel=0.05)


def test_what_was_taken_away_is_counted_off(usage, say, memory, there, database):
    say("I live in Paris.", job_id="a")
    say("I like tea.", job_id="b", expires_at=FAR)
    say("I like figs.", job_id="c")
    memory.changes.delete(ALICE, "turn_a_0")
    memory.undo.undo(ALICE.owner, "c")

    assert stored(usage) != there()
    assert usage.recount() == 1
    assert stored(usage) == there()
    database["memories"].delete_many({"expires_at": {"$ne": None}})  # as MongoDB does in time
    next_look = database["memory_users"].find_one()["recount_at"]
    assert next_look - FAR.replace(tzinfo=next_look.tzinfo) < timedelta(minutes=3)
    assert usage.recount() == 0
    due(database)
    assert recounting(database)() is False
    assert stored(usage) == there() == {"turns": 0, "memories": 0, "vectors": 0}


def test_what_came_back_is_counted(usage, say, memory, there):
    say("I live in Paris.")
    lines = [json.dumps(line) for line in memory.archive.export(ALICE)]
    memory.changes.erase(ALICE)
    assert stored(usage) == {"turns": 0, "memories": 0, "vectors": 0}

    list(memory.restoring.restore(ALICE, list(enumerate(map(exported, lines))), Unfenced()))

    assert stored(usage) == there()


def test_two_that_count_at_once_mend_it_once_and_what_is_written_meanwhile_counts(
    usage, say, there, database, monkeypatch
):
    say("I live in Paris.")
    database["memory_users"].update_one({}, {"$set": {"stored.turns": 5_000_000}})
    due(database)
    first = MemoryUsage(database)
    aggregate, turns = type(first._memories).aggregate, ["I like tea."]

    def meanwhile(collection, stages, **options):
        rows = list(aggregate(collection, stages, **options))
        if collection.name == "memories" and turns:
            say(turns.pop())
            assert usage.recount() == 1
        return rows

    monkeypatch.setattr(type(first._memories), "aggregate", meanwhile)
    first.recount()
    monkeypatch.undo()

    assert stored(usage)["vectors"] == there()["vectors"]
    assert stored(usage)["turns"] == pytest.approx(there()["turns"], rel=0.01)


def test_users_of_a_version_that_counted_nothing_are_counted(usage, say, there, database):
    say("I live in Paris.")
    database["memory_users"].update_many({}, {"$unset": {"stored": 1, "recount_at": 1}})
    assert (stored(usage)["turns"], usage.overdue()) == (0, 1)

    assert usage.recount() == 1
    assert usage.overdue() == 0
    assert stored(usage) == there()
    database["memory_users"].update_many({}, {"$unset": {"stored": 1, "recount_at": 1}})
    say("I like tea.")

    assert usage.recount() == 1
    assert stored(usage) == there()
