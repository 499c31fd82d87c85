from types import SimpleNamespace

import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import job_indexes
from keepsake.jobs.listing import Wanted
from keepsake.jobs.relay import due
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.sweeper import leased_ahead, lost, overdue, waiting_ahead
from keepsake.parts import job_types
from keepsake.storage.indexes import ensure_indexes, inspect_indexes, repair_indexes
from tests.factories import a_job, claimed

OURS = SimpleNamespace(settings=JobSettings(), types=job_types())


def examined(engine, which, hint=None):
    """Keys and documents that a query looks at."""
    plan = engine.records.jobs.find(which).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
    stats = plan["executionStats"]
    return stats["totalKeysExamined"], stats["totalDocsExamined"]


def states(database):
    return {index.state for index in inspect_indexes(database, job_indexes(job_types()))}


@pytest.fixture
def crowd(database, engine):
    engine = Engine.over(database, job_types(), JobSettings())
    for n in range(50):
        engine.acceptance.accept(a_job(payload={"n": n}))
    for n in range(50):
        job = engine.acceptance.accept(a_job(payload={"running": n})).job
        engine.claims.claim(job.lane, "w")
    for n in range(50):
        claim = claimed(engine, payload={"retrying": n})
        engine.claims.retry(claim, {"kind": "transient", "message": "again"}, 300)


@pytest.mark.parametrize(
    ("which", "most"),
    [
        (due("keepsake.memory"), 0), (overdue(), 0), (lost(), 50),
        (waiting_ahead("keepsake.memory", OURS), 0), (leased_ahead(JobSettings()), 50),
    ],
)  # fmt: skip
def test_housekeeping_looks_at_what_is_due_and_for_leases_at_what_runs(engine, crowd, which, most):
    keys, documents = examined(engine, {**engine.records.known.whole, **which})

    assert (keys <= most + 4, documents <= most) == (True, True)


def test_indexes_can_be_ensured_twice_and_are_all_there(engine):
    ensure_indexes(engine.records.database, job_indexes(job_types()))

    assert {
        found.state for found in inspect_indexes(engine.records.database, job_indexes(job_types()))
    } == {"present"}


def test_a_changed_index_is_shown_and_repaired(engine):
    jobs = engine.records.jobs
    jobs.drop_index("by_owner")
    jobs.create_index([("owner", 1)], name="by_owner")
    jobs.drop_index("waiting")

    mended = repair_indexes(engine.records.database, job_indexes(job_types()))

    assert {(found.index.name, found.state) for found in mended} == {
        ("by_owner", "different"), ("waiting", "missing"),
    }  # fmt: skip
    assert {
        found.state for found in inspect_indexes(engine.records.database, job_indexes(job_types()))
    } == {"present"}


@pytest.fixture
def profiled(database):
    """The plans of all that a test asks the jobs for, by MongoDB's own profiler."""
    database.command("profile", 2)
    yield lambda: [
        (entry["command"], entry["planSummary"])
        for entry in database["system.profile"].find(
            # A web server that tests share reads MongoDB's log by `getMore`.
            {"ns": f"{database.name}.jobs", "op": {"$ne": "getmore"}}
        )
        if "planSummary" in entry
    ]
    database.command("profile", 0)
    database["system.profile"].drop()


def test_no_step_of_a_job_reads_the_whole_collection(engine, crowd, profiled):
    accepted = engine.acceptance.accept(a_job(key="k1")).job
    assert engine.acceptance.accept(a_job(key="k1")).job.id == accepted.id
    claim = engine.claims.claim(accepted.lane, "w1")
    engine.claims.save(claim, {"checkpoint": {"n": 1}})
    engine.leases.renew([claim])
    engine.claims.retry(claim, {"kind": "transient", "message": "again"}, 0)
    engine.control.pause("alice", accepted.id, by="alice")
    engine.control.resume("alice", accepted.id, by="alice")
    claim = engine.claims.claim(accepted.lane, "w1")
    engine.claims.succeed(claim, {"n": 1})
    engine.claims.next_in_lane(accepted.lane)
    engine.listing.count_unfinished("alice", 1_000)
    engine.acceptance.accept(a_job(payload={"in_overflow": 1}, in_overflow=True))
    engine.scheduler.any("keepsake.memory", ())
    engine.listing.page("alice", Wanted(), None, 10)
    engine.control.get("alice", accepted.id)

    plans = profiled()
    assert len(plans) >= 12
    assert [command for command, plan in plans if "COLLSCAN" in plan] == []
