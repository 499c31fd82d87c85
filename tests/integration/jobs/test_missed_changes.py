"""What a watcher that comes back costs, however long it was away."""

import pytest
from pymongo import MongoClient, monitoring
from pymongo.read_concern import ReadConcern

from keepsake.jobs import change_feed
from keepsake.jobs.change_feed import LOG_CHANGES
from keepsake.jobs.engine import Engine
from keepsake.parts import job_types
from tests.factories import a_job


class Batches(monitoring.CommandListener):
    """Counts the changes that MongoDB sent."""

    def __init__(self) -> None:
        self.changes = 0

    def started(self, event):
        pass

    def succeeded(self, event):
        cursor = event.reply.get("cursor", {})
        self.changes += len(cursor.get("nextBatch", cursor.get("firstBatch", ())))

    def failed(self, event):
        pass


@pytest.fixture
def batches():
    return Batches()


@pytest.fixture
def heard(mongod, database, batches, monkeypatch):
    """An engine whose connection is listened to; it reads for as long as a busy machine takes."""
    monkeypatch.setattr(change_feed, "LOG_SECONDS", 60)
    with MongoClient(mongod.url, event_listeners=[batches], tz_aware=True) as client:
        yield Engine.over(client.get_database(database.name), job_types())


@pytest.fixture
def position(engine):
    """A place in the log from which all of a test's changes follow."""
    majority = engine.records.jobs.with_options(read_concern=ReadConcern("majority"))
    with majority.watch() as stream:
        return stream.resume_token["_data"]


def touch(engine, job, times):
    change = {"$inc": {"revision": 1}}
    updates = [{"q": {"_id": job.id}, "u": change} for _ in range(times)]
    for first in range(0, times, 1_000):
        engine.records.database.command("update", "jobs", updates=updates[first : first + 1_000])


def test_a_short_absence_is_read_up_from_the_log(engine, heard, position):
    job = engine.acceptance.accept(a_job()).job
    other = engine.acceptance.accept(a_job(owner="bob")).job
    touch(engine, other, LOG_CHANGES - 10)

    missed = heard.missed.since(position, "alice")

    assert [(change.job_id, change.since) for change in missed] == [(job.id, 0)]


def test_of_a_long_absence_a_bounded_part_of_the_log_is_read(engine, heard, batches, position):
    other = engine.acceptance.accept(a_job(owner="bob")).job
    touch(engine, other, 2 * LOG_CHANGES)

    assert heard.missed.since(position, "alice") is None
    assert LOG_CHANGES < batches.changes <= LOG_CHANGES + 1_000
