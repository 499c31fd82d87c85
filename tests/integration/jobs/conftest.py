import pytest

from jobs.engine import Engine
from jobs.indexes import INDEXES
from jobs.settings import JobSettings
from storage.indexes import ensure


@pytest.fixture
def engine(database):
    ensure(database, INDEXES)
    return Engine.over(database, JobSettings(lease_seconds=0.3, beat_seconds=0.1))
