from collections import Counter

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern

from keepsake.jobs.batched_claims import BatchedClaims
from keepsake.jobs.engine import Engine
from keepsake.jobs.records import Records
from keepsake.jobs.settings import JobSettings
from keepsake.parts import job_types
from keepsake.storage.mongo import MongoSettings
from tests.factories import a_job


@pytest.fixture
def database(database):
    """Reads see what a claim has just written, though it is on no majority yet."""
    return database.with_options(read_concern=ReadConcern("local"))


@pytest.fixture(autouse=True)
def _patient_sweepers(monkeypatch):
    """A sweeper leaves a record to its next round that MongoDB took half a second to write.

    That may be any record while other tests run beside.
    """
    monkeypatch.setattr("keepsake.jobs.sweeper._LOCK_WAIT_MS", 60_000)


@pytest.fixture
def engine(database, emptying):
    emptying.index()
    return Engine.over(database, job_types(), JobSettings(lease_seconds=0.3, heartbeat_seconds=0.1))


class Counting(CommandListener):
    """Counts the commands that a client sends."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    def started(self, event) -> None:
        self.sent[event.command_name] += 1

    def succeeded(self, event) -> None:
        """Not counted."""

    failed = succeeded


@pytest.fixture
def counting():
    return Counting()


@pytest.fixture
def shared(engine, counting):
    url = MongoSettings().mongo_url.get_secret_value()
    with MongoClient(url, tz_aware=True, event_listeners=[counting]) as client:
        claims = BatchedClaims(
            Records(client[engine.records.database.name], engine.types, engine.settings)
        )
        claims._records.prepare()
        claims._records.owner_rules.look()
        counting.sent.clear()
        yield claims


@pytest.fixture
def jobs(engine):
    return [engine.acceptance.accept(a_job(payload={"n": n})).job for n in range(20)]


@pytest.fixture
def losing(monkeypatch):
    """Make the next call of a method of collections lose its answer."""

    def lose(name, *, written):
        real = getattr(Collection, name)

        def lost(*arguments, **options):
            monkeypatch.setattr(Collection, name, real)
            if written:
                real(*arguments, **options)
            raise AutoReconnect("the answer is lost")

        monkeypatch.setattr(Collection, name, lost)

    return lose
