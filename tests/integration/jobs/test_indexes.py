import pytest

from jobs.engine import Engine
from jobs.indexes import INDEXES
from jobs.relay import due
from jobs.settings import JobSettings
from jobs.sweeper import lost, overdue
from storage.indexes import ensure, inspect, repair
from tests.factories import a_job


def examined(engine, which, hint=None):
    """Keys and documents that a query looks at."""
    plan = engine.records.jobs.find(which).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
    stats = plan["executionStats"]
    return stats["totalKeysExamined"], stats["totalDocsExamined"]


@pytest.fixture
def crowd(database, engine):
    engine = Engine.over(database, JobSettings())
    for n in range(50):
        engine.acceptance.accept(a_job(payload={"n": n}))
    for n in range(50):
        job = engine.acceptance.accept(a_job(payload={"running": n})).job
        engine.claims.claim(job.lane, "w")


@pytest.mark.parametrize("which", [due("keepsake.memory"), lost(), overdue()])
def test_idle_housekeeping_looks_at_nothing(engine, crowd, which):
    keys, documents = examined(engine, which)

    assert (keys <= 1, documents) == (True, 0)


def test_indexes_can_be_ensured_twice_and_are_all_there(engine):
    ensure(engine.records.database, INDEXES)

    assert {found.state for found in inspect(engine.records.database, INDEXES)} == {"present"}


def test_a_changed_index_is_shown_and_repaired(engine):
    jobs = engine.records.jobs
    jobs.drop_index("by_owner")
    jobs.create_index([("owner", 1)], name="by_owner")
    jobs.drop_index("due")

    mended = repair(engine.records.database, INDEXES)

    assert {(found.index.name, found.state) for found in mended} == {
        ("by_owner", "different"), ("due", "missing"),
    }  # fmt: skip
    assert {found.state for found in inspect(engine.records.database, INDEXES)} == {"present"}
