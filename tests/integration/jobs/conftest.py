import pytest
from pymongo.read_concern import ReadConcern

from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import job_indexes
from keepsake.jobs.settings import JobSettings
from keepsake.parts import job_types
from keepsake.storage.indexes import ensure_indexes


@pytest.fixture
def database(database):
    """Reads see what a claim has just written, though it is on no majority yet."""
    return database.with_options(read_concern=ReadConcern("local"))


@pytest.fixture
def engine(database):
    ensure_indexes(database, job_indexes(job_types()))
    return Engine.over(database, job_types(), JobSettings(lease_seconds=0.3, heartbeat_seconds=0.1))
