import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import INDEXES
from keepsake.jobs.settings import JobSettings
from keepsake.storage.indexes import ensure


@pytest.fixture
def engine(database):
    ensure(database, INDEXES)
    return Engine.over(database, JobSettings(lease_seconds=0.3, heartbeat_seconds=0.1))
