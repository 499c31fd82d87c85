from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from keepsake.jobs.batched_claims import BatchedClaims, Completion
from keepsake.jobs.claim_batch import ClaimBatch, ClaimRequest
from keepsake.jobs.engine import Engine
from keepsake.jobs.indexes import job_indexes
from keepsake.jobs.listing import Wanted
from keepsake.jobs.relay import LOW_WATER, Relay, due
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import UNFINISHED, State
from keepsake.jobs.sweeper import (
    Rewinding,
    Sweeper,
    leased_ahead,
    lost,
    overdue,
    waiting_ahead,
)
from keepsake.memory.job_types import MEMORY_QUEUE
from keepsake.parts import job_types
from keepsake.scanner import SCAN
from keepsake.storage.indexes import ensure_indexes, inspect_indexes, repair_indexes
from tests.factories import a_job, claimed

ENDED = 300
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PATIENT = JobSettings(lease_seconds=600, notify_again_after_seconds=60)
"""No lease ends, and nobody is notified of again, while many jobs are made on a busy machine."""
OURS = SimpleNamespace(settings=PATIENT, types=job_types())


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
    engine = Engine.over(database, job_types(), PATIENT)
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
        (waiting_ahead("keepsake.memory", OURS), 0), (leased_ahead(PATIENT), 50),
    ],
)  # fmt: skip
def test_housekeeping_looks_at_what_is_due_and_for_leases_at_what_runs(engine, crowd, which, most):
    keys, documents = examined(engine, {**engine.records.known.whole, **which})

    assert (keys <= most + 4, documents <= most) == (True, True)


def test_indexes_can_be_ensured_twice_and_are_all_there(engine):
    ensure_indexes(engine.records.database, job_indexes(job_types()))

    assert states(engine.records.database) == {"present"}


@pytest.fixture
def own(database):
    """A database of whose indexes no web server that tests share takes care."""
    beside = database.client.get_database("repaired", write_concern=database.write_concern)
    ensure_indexes(beside, job_indexes(job_types()))
    yield beside
    database.client.drop_database(beside)


def test_a_changed_index_is_shown_and_repaired(own):
    jobs = own["jobs"]
    jobs.drop_index("by_owner")
    jobs.create_index([("owner", 1)], name="by_owner")
    jobs.drop_index("waiting")

    mended = repair_indexes(own, job_indexes(job_types()))

    assert {(found.index.name, found.state) for found in mended} == {
        ("by_owner", "different"), ("waiting", "missing"),
    }  # fmt: skip
    assert states(own) == {"present"}


@pytest.fixture
def history(engine):
    """Jobs of alice that have ended."""
    for n in range(ENDED):
        engine.claims.succeed(claimed(engine, payload={"ended": n}), {})


@pytest.fixture
def profiled(database):
    """What MongoDB did with all that a test asks the jobs for, by its own profiler."""
    database.command("profile", 2)
    yield lambda: [
        entry
        for entry in database["system.profile"].find(
            # A web server that tests share reads MongoDB's log by `getMore`.
            {"ns": f"{database.name}.jobs", "op": {"$ne": "getmore"}}
        )
        if "planSummary" in entry
    ]
    database.command("profile", 0)
    database["system.profile"].drop()


def one_life(engine):
    """Accepted, repeated, claimed, saved, retried, paused, resumed and ended."""
    accepted = engine.acceptance.accept(a_job(key="k1")).job
    assert engine.acceptance.accept(a_job(key="k1")).job.id == accepted.id
    claim = engine.claims.claim(accepted.lane, "w1")
    engine.claims.save(claim, {"checkpoint": {"n": 1}})
    engine.claims.log(claim, "info", "half")
    engine.leases.renew([claim])
    engine.claims.retry(claim, {"kind": "transient", "message": "again"}, 0)
    engine.control.pause("alice", accepted.id, by="alice")
    engine.control.resume("alice", accepted.id, by="alice")
    claim = engine.claims.claim(accepted.lane, "w1")
    engine.claims.succeed(claim, {"n": 1})
    engine.claims.waiting_behind(claim.job)
    given_up = claimed(engine, payload={"given": "up"})
    engine.dead_letters.give_up(given_up, {"kind": "permanent", "message": "no"})
    engine.replays.replay("alice", given_up.job.id, by="alice")
    several = engine.acceptance.accept(a_job(lane="A", further_lanes=("B",))).job
    assert engine.claims.claim_multi_lane(several.id, "w1")
    engine.control.cancel("alice", several.id, by="alice")


def together(engine):
    """Rounds of claims, with lanes that are busy or contended, and of successes."""
    accepted = engine.acceptance.accept_all(
        [a_job(payload={"round": n}, lane=f"L{n % 3}") for n in range(6)]
    )
    requests = [ClaimRequest(each.job.lane, "w1", notify_next=False) for each in accepted]
    rounds = ClaimBatch(engine.records)
    claims = [claim for claim in rounds.claim(requests) if claim]
    rounds.claim(requests)
    rounds._take_each(requests)
    BatchedClaims(engine.records)._succeed_all([Completion(claim, {}) for claim in claims])


def housekeeping(engine):
    """Rounds of relay and sweeper, with nothing, something and too much to do."""
    for state in ("pending", "retrying", "running"):
        job = engine.acceptance.accept(a_job(payload={"state": state})).job
        if state != "pending":
            claim = engine.claims.claim(job.lane, "gone")
        if state == "retrying":
            engine.claims.retry(claim, {"kind": "transient", "message": "again"}, 0)
    engine.acceptance.accept(a_job(payload={"in_overflow": 1}, in_overflow=True))
    late = engine.acceptance.accept(a_job(payload={"late": 1})).job
    engine.records.jobs.update_one({"_id": late.id}, {"$set": {"deadline_at": LONG_AGO}})
    gone = {"_id": claim.job.id}
    engine.records.jobs.update_one(gone, {"$set": {"lease_expires_at": LONG_AGO}})
    assert len(Sweeper(engine.records, engine.dead_letters).run_once()) == 2
    Rewinding(engine.records).run_once()
    engine.queues.resume(MEMORY_QUEUE.name, by="operator")
    depths = iter([LOW_WATER + 1] * 2 + [0] * 9)
    relay = Relay(engine.records, lambda *_, settled, **__: settled(True), lambda _: next(depths))
    relay.run_once()
    relay.run_once()
    engine.scheduler.next(MEMORY_QUEUE.name)
    engine.scheduler.any(MEMORY_QUEUE.name, ())


def views(engine):
    """Lists and counts of owners and operators."""
    running = frozenset({State.RUNNING})
    for wanted in (Wanted(), Wanted(UNFINISHED), Wanted(running)):
        engine.listing.page("alice", wanted, None, 10)
        engine.listing.newest_unfinished("alice", wanted, 10)
        engine.listing.count_unfinished("alice", 1_000, wanted)
    for wanted in (Wanted(), Wanted(worker="w1"), Wanted(id_prefix="job_0")):
        engine.operator_listing.page(None, wanted, None, 10)
    engine.bulk.matched("cancel", "alice", Wanted())
    engine.erasing.unfinished_about("alice", "u1", 10)
    engine.lane_jobs.newest(SCAN, "alice", ["L0", "L1"])
    engine.lane_jobs.unfinished(SCAN, "alice", ["L0", "L1"])
    engine.overview.queue(MEMORY_QUEUE.name)
    engine.overview.divergence()


@pytest.mark.parametrize("part", [one_life, together, housekeeping, views])
def test_no_statement_reads_the_whole_collection_or_sorts(engine, crowd, history, profiled, part):
    part(engine)

    entries = profiled()
    assert len(entries) >= 10
    assert [row["command"] for row in entries if "COLLSCAN" in row["planSummary"]] == []
    assert [row["command"] for row in entries if row.get("hasSortStage")] == []
    # MongoDB 7.0 may read a whole collection for these.
    assert [row["command"] for row in entries if "'$in': []" in str(row["command"])] == []
    assert max(row.get("docsExamined", 0) for row in entries) < ENDED
