"""A database that is dropped under what runs: change streams end, and indexes come back."""

import logging
import threading

import pytest

from keepsake.access.keys import KeyStore
from keepsake.jobs.change_feed import Feed, Interests
from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import JOBS, job_indexes
from keepsake.jobs.listing import Wanted
from keepsake.parts import declared_indexes, job_types
from keepsake.storage.indexes import IndexUpkeep, ensure_indexes, inspect_indexes
from keepsake.storage.mongo import MongoSettings, StorageUnavailable, connect
from tests.factories import a_job


@pytest.fixture
def own(mongod):
    """A database that no other test has."""
    database = connect(MongoSettings(mongo_database="dropped"))
    ensure_indexes(database, declared_indexes(job_types()))
    yield database
    database.client.drop_database("dropped")
    database.client.close()


@pytest.fixture
def upkeep(own):
    return IndexUpkeep(own, job_indexes(job_types()))


def lost(database, declared=None):
    states = inspect_indexes(database, declared or job_indexes(job_types()))
    return {index.index.name for index in states if index.state != "present"}


@pytest.mark.parametrize(
    "drop",
    [
        lambda database: database.client.drop_database(database.name),
        lambda database: database[JOBS].drop(),
        lambda database: database[JOBS].drop_index("key_slot"),
        lambda database: database[JOBS].drop_indexes(),
    ],
    ids=["database", "collection", "index", "indexes"],
)
def test_what_was_dropped_is_there_after_the_next_look(own, upkeep, drop):
    drop(own)
    assert lost(own)

    upkeep.look()

    assert lost(own) == set()
    assert upkeep.amiss == 0


def test_duplicates_that_were_written_meanwhile_are_told_and_all_other_indexes_made(
    own, upkeep, caplog
):
    own[JOBS].drop_indexes()
    own[JOBS].insert_many([{"_id": "a", "key_slot": "k"}, {"_id": "b", "key_slot": "k"}])

    for _ in range(3):
        upkeep.look()

    assert lost(own) == {"key_slot"}
    assert upkeep.amiss == 1
    # Other threads of this process may log something, too.
    ours = [record for record in caplog.records if record.name == "keepsake.indexes"]
    errors = [record for record in ours if record.levelno == logging.ERROR]
    assert [(record.state, record.error) for record in errors] == [("jobs.key_slot", "duplicates")]


def test_an_index_with_other_options_is_told_and_left(own, upkeep):
    own[JOBS].drop_index("key_slot")
    own[JOBS].create_index([("key_slot", 1)], name="key_slot")

    upkeep.look()

    assert upkeep.amiss == 1
    assert lost(own) == {"key_slot"}


def test_a_look_at_what_is_there_writes_nothing(own, upkeep):
    with own.watch() as changes:
        upkeep.look()
        own["probe"].insert_one({"_id": 1})
        assert changes.next()["ns"]["coll"] == "probe"


def test_a_hint_to_an_index_that_was_dropped_says_try_again(own):
    engine = Engine.over(own, job_types())
    engine.acceptance.accept(a_job())
    own[JOBS].drop_indexes()

    with pytest.raises(StorageUnavailable):
        engine.listing.page("alice", Wanted(), None, 10)


def test_whoever_follows_keys_hears_that_they_were_dropped(own, eventually):
    """Else it would be deaf, believe that it hears, and spin."""
    store, closing, listening = KeyStore(own), threading.Event(), threading.Event()

    def follow():
        for _ in store.follow(closing, lambda: None):
            listening.set()

    thread = threading.Thread(target=follow, daemon=True)
    store.create("alice")
    thread.start()
    assert listening.wait(10)
    own["api_keys"].drop()

    eventually(lambda: not thread.is_alive())


def test_whoever_follows_jobs_goes_on_after_a_drop(own, eventually):
    engine, batches = Engine.over(own, job_types()), []
    engine.acceptance.accept(a_job())
    interests = Interests(frozenset(["alice"]), frozenset())
    feed = Feed(engine.records, lambda: interests, batches.append)
    assert feed.open(10)
    own.client.drop_database(own.name)
    ensure_indexes(own, declared_indexes(job_types()))
    eventually(lambda: None in batches)  # who watches reads anew
    engine.acceptance.accept(a_job())

    def heard():
        if any(change.job for batch in batches if batch for change in batch):
            return True
        engine.acceptance.accept(a_job(force=True))
        return False

    eventually(heard, within=20)
    feed.close()
