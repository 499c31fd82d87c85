"""The testing kit: a test of an actor is three lines: enqueue, drain, look."""

import importlib
import threading

import dramatiq
import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.job import Job, NewJob
from keepsake.parts import job_types
from keepsake.webhooks.records import POSITION
from middleware.housekeeping import Housekeeping
from middleware.notifier import Notifier

WAITING_MINUTES = 5
"""Longer than a test, and no longer than a backoff may be."""


@pytest.fixture(scope="session")
def _actors(rabbitmq, mongod):
    """The broker of the real actors: there is one to a process, so it is closed at its end."""
    importlib.import_module("actors")
    broker = dramatiq.get_broker()
    yield broker
    broker.close()


@pytest.fixture(scope="package")
def broker(_actors, _connected):
    """The real actors, run by a worker inside the test process.

    A worker that stops waits for no step of its housekeeping, since its process ends then. This one
    goes on, and what such a step writes must not be in the next test's database.
    """
    (housekeeping,) = [each for each in _actors.middleware if isinstance(each, Housekeeping)]
    names = {"sweeper", "scheduled", "relay", "roll-up", *housekeeping._chores}
    before = {*threading.enumerate()}
    worker = dramatiq.Worker(_actors, worker_threads=4, worker_timeout=50)
    worker.start()
    rounds = [each for each in {*threading.enumerate()} - before if each.name in names]
    yield _actors
    worker.stop()
    _connected[POSITION].delete_many({})  # else the dispatcher follows for some seconds more
    for thread in rounds:
        thread.join(timeout=20)
    assert [thread.name for thread in rounds if thread.is_alive()] == []


@pytest.fixture
def engine(database):
    return Engine.over(database, job_types())


@pytest.fixture
def enqueue(engine, broker):
    """Accepts a job and notifies, as web does; returns its id."""

    def accept(job_type, payload, **fields) -> str:
        new = NewJob(type=job_type, payload=payload, **{"owner": "alice", **fields})
        job = engine.acceptance.accept(new).job
        assert Notifier(broker, job_types()).notify(job)
        return job.id

    return accept


@pytest.fixture
def drain(engine, eventually):
    """Waits until no job is waiting or running."""
    return lambda within=30: eventually(
        lambda: not engine.records.jobs.count_documents({"open_lane": {"$exists": True}}),
        within=within,
    )


@pytest.fixture
def hold(engine, eventually):
    """Waits until a job has met so many outages, and keeps its retry from coming by itself.

    Its waits are drawn at random: one may be over before a test does what is to come before it. The
    job is returned as it was.
    """

    def held(job_id, outages=1):
        which = {"_id": job_id, "state": "retrying", "outages": {"$gte": outages}}
        later = {"$dateAdd": {"startDate": "$$NOW", "unit": "minute", "amount": WAITING_MINUTES}}
        change = [{"$set": {"run_at": later, "notify_at": later}}]
        jobs = engine.records.jobs
        return Job(eventually(lambda: jobs.find_one_and_update(which, change), within=30))

    return held


@pytest.fixture
def hurry(engine, broker):
    """Lets a job try again now."""
    return lambda job_id: Notifier(broker, job_types()).notify(
        engine.control.retry("alice", job_id, by="alice")
    )


@pytest.fixture
def look(engine):
    """Reads a job."""
    return lambda job_id, **how: engine.control.get("alice", job_id, **how)
