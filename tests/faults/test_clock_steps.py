"""MongoDB's clock steps back under real workers; nothing waits until it has caught up."""

import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.job import NewJob
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import State
from keepsake.launcher.administration import ensure_indexes
from keepsake.memory.job_types import INGEST
from keepsake.parts import job_types

BACK = -900
ENDED_WELL = {"state": State.SUCCEEDED}


@pytest.fixture
def engine(stepped, empty_queues):
    ensure_indexes(stepped[0])
    settings = JobSettings(notify_again_after_seconds=30, notify_again_after_max_seconds=60)
    return Engine.over(stepped[0], job_types(), settings)


@pytest.fixture
def probe(stepped, fast_worker):
    """Starts a worker over the database whose clock steps."""
    host, port = stepped[0].client.address
    url = f"mongodb://{host}:{port}/?replicaSet=rs0"

    def start():
        return fast_worker(module="tests.faults.probes", threads=1, KEEPSAKE_MONGO_URL=url)

    return start


def accepted(engine, **payload):
    """The lane of a job that has no notification."""
    new = NewJob(type=INGEST.name, owner="alice", payload=payload, force=True)
    return engine.acceptance.accept(new).job.lane


def test_pending_retrying_and_running_jobs_of_before_all_end(engine, stepped, probe, eventually):
    """The messages of all three are lost as well."""
    accepted(engine, do="steps")
    retried = engine.claims.claim(accepted(engine, do="steps"), "gone")
    engine.claims.retry(retried, {"kind": "transient", "message": "again"}, 500)
    engine.claims.claim(accepted(engine, do="steps"), "gone")
    stepped[1](BACK)

    probe()

    eventually(lambda: engine.records.jobs.count_documents(ENDED_WELL) == 3, within=60)
