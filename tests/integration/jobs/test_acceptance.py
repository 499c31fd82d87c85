"""Jobs that are accepted together: what they share, and what they do not."""

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect
from pymongo.monitoring import CommandListener

from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import KeyMalformed, KeyReused, Unstorable
from keepsake.parts import job_types
from keepsake.storage import clock
from keepsake.storage.mongo import StorageUnavailable
from tests.factories import a_job

EIGHT = [a_job(payload={"n": n}) for n in range(8)]
COMMANDS = ("aggregate", "find", "findAndModify", "insert", "update")


class Commands(CommandListener):
    """Notes the names of commands."""

    def __init__(self) -> None:
        self.names = []

    def started(self, event):
        if event.command_name in COMMANDS:
            self.names.append(event.command_name)

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


@pytest.fixture
def watched(database, mongod, monkeypatch):
    """An engine whose round trips are noted; it reads the clock once, however busy this machine."""
    monkeypatch.setattr(clock, "_TRUSTED_SECONDS", 60)
    commands = Commands()
    client = MongoClient(mongod.url, event_listeners=[commands])
    own = client.get_database(
        database.name, write_concern=database.write_concern, read_concern=database.read_concern
    )
    engine = Engine.over(own, job_types())
    engine.records.prepare()
    engine.acceptance.clock.time(own)
    commands.names.clear()
    yield engine, commands.names
    client.close()


def test_jobs_that_come_together_share_a_round_trip(watched):
    engine, commands = watched

    outcomes = engine.acceptance.accept_all(EIGHT)

    assert commands == ["insert"]
    assert all(outcome.created for outcome in outcomes)
    assert engine.records.jobs.count_documents({"state": "pending"}) == len(EIGHT)


def test_a_lone_job_takes_one_round_trip(watched):
    engine, commands = watched

    engine.acceptance.accept(a_job())

    assert commands == ["insert"]


def test_a_job_is_recorded_alike_alone_and_with_others(engine):
    alone = engine.acceptance.accept(a_job(payload={"n": 1}, key="k1")).job
    with_others = engine.acceptance.accept_all(
        [a_job(payload={"n": 2}, key="k2"), a_job(payload={"n": 3})]
    )

    one, other = (engine.records.jobs.find_one({"_id": job.id})
                  for job in (alone, with_others[0].job))  # fmt: skip
    assert one.keys() == other.keys()
    assert {name: type(value) for name, value in one.items()} == {
        name: type(value) for name, value in other.items()
    }
    assert other["deadline_at"] - other["created_at"] == one["deadline_at"] - one["created_at"]
    record = with_others[0].job.record
    assert {name: other[name] for name in record} == record
    assert "key_slot_until" not in engine.records.jobs.find_one({"_id": with_others[1].job.id})


def test_a_bad_job_fails_alone(engine):
    too_deep = {}
    for _ in range(200):
        too_deep = {"in": too_deep}

    outcomes = engine.acceptance.accept_all(
        [EIGHT[0], a_job(key="a b"), a_job(payload={"n": 2**70}), a_job(payload=too_deep), EIGHT[1]]
    )

    assert [type(outcome) for outcome in outcomes[1:3]] == [KeyMalformed, Unstorable]
    assert isinstance(outcomes[3], Exception)
    assert (outcomes[0].created, outcomes[4].created) == (True, True)
    assert engine.records.jobs.count_documents({}) == 2


def test_repeats_and_reused_keys_within_a_batch_are_told_apart(engine):
    before = engine.acceptance.accept(a_job(key="old"))

    outcomes = engine.acceptance.accept_all(
        [
            a_job(key="new"),
            a_job(key="new"),
            a_job(key="old"),
            a_job(key="old", payload={"user_query": "other"}),
            a_job(key="new", owner="bob"),
        ]
    )

    first, again, joined, reused, bobs = outcomes
    assert (first.created, again.created, bobs.created) == (True, False, True)
    assert again.job.id == first.job.id != bobs.job.id
    assert (joined.job.id, joined.created) == (before.job.id, False)
    assert isinstance(reused, KeyReused)


def test_a_batch_larger_than_one_command_is_written_in_portions(engine):
    large = [a_job(payload={"n": n, "text": "x" * 900_000}) for n in range(12)]

    outcomes = engine.acceptance.accept_all(large)

    assert all(outcome.created for outcome in outcomes)
    assert engine.records.jobs.count_documents({}) == len(large)


def test_an_unknown_outcome_is_told_to_all_and_repeating_is_harmless(engine, monkeypatch):
    insert_many = Collection.insert_many

    def lost(self, *args, **kwargs):
        insert_many(self, *args, **kwargs)
        raise AutoReconnect("the answer is lost")

    with monkeypatch.context() as broken:
        broken.setattr(Collection, "insert_many", lost)
        with pytest.raises(StorageUnavailable):
            engine.acceptance.accept_all(EIGHT)

    outcomes = engine.acceptance.accept_all(EIGHT)

    assert not any(outcome.created for outcome in outcomes)
    assert engine.records.jobs.count_documents({}) == len(EIGHT)


def test_finding_the_holders_of_keys_reads_an_index(watched):
    engine, _ = watched
    engine.acceptance.accept_all(EIGHT)
    database = engine.records.database
    database.command("profile", 2)
    try:
        engine.acceptance.accept_all(EIGHT)
    finally:
        database.command("profile", 0)

    plans = [op["planSummary"] for op in database["system.profile"].find({"op": "command"})
             if "key_slot" in str(op["command"].get("pipeline"))]  # fmt: skip
    database["system.profile"].drop()
    assert any("key_slot" in plan for plan in plans)
    assert not any("COLLSCAN" in plan for plan in plans)


def test_the_clock_is_read_now_and_then_and_after_a_suspension(watched, monkeypatch):
    engine, commands = watched
    first, second = (engine.acceptance.accept(a_job(payload={"n": n})).job for n in range(2))
    assert commands == ["insert", "insert"]

    monkeypatch.setattr(clock.time, "time", lambda: 0.0)
    third = engine.acceptance.accept(a_job(payload={"n": 2})).job

    assert commands[2:] == ["aggregate", "insert"]
    times = [job.record["created_at"] for job in (first, second, third)]
    assert times == sorted(times)
    assert times[-1] <= engine.records.database.command("hello")["localTime"]
