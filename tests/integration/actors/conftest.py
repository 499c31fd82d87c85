"""The testing kit: a test of an actor is three lines: enqueue, drain, look."""

import importlib

import dramatiq
import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.job import NewJob
from keepsake.parts import job_types
from middleware.notifier import Notifier


@pytest.fixture(scope="session")
def _actors(rabbitmq, mongod):
    """The broker of the real actors: there is one to a process, so it is closed at its end."""
    importlib.import_module("actors")
    broker = dramatiq.get_broker()
    yield broker
    broker.close()


@pytest.fixture(scope="package")
def broker(_actors):
    """The real actors, run by a worker inside the test process."""
    worker = dramatiq.Worker(_actors, worker_threads=4, worker_timeout=50)
    worker.start()
    yield _actors
    worker.stop()


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
def look(engine):
    """Reads a job."""
    return lambda job_id, **how: engine.control.get("alice", job_id, **how)
