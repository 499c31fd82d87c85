"""Interactive jobs before bulk ones: where each is notified of, and whose turn it is."""

from datetime import UTC, datetime, timedelta

import pytest

from keepsake.jobs.fair_scheduler import FairScheduler
from keepsake.jobs.job_types import Priority
from keepsake.jobs.relay import Relay
from keepsake.jobs.states import State
from keepsake.jobs.sweeper import Sweeper
from keepsake.memory.job_types import BATCH_INGEST, INGEST, MEMORY_QUEUE, SCRAPE
from keepsake.scanner.job_types import SCAN
from tests.factories import a_job

QUEUE = MEMORY_QUEUE.name


@pytest.fixture
def bulk(engine):
    def accept(**given):
        given = {"priority": Priority.BULK, "force": True, **given}
        return engine.acceptance.accept(a_job(**given)).job

    return accept


@pytest.fixture
def turns(engine, monkeypatch):
    """It names what it has read once, however long each look takes on a busy machine."""
    monkeypatch.setattr("keepsake.jobs.fair_scheduler._FRESH_SECONDS", 60)
    return FairScheduler(engine.records)


@pytest.fixture
def record(engine):
    return lambda job: engine.records.newest.find_one({"_id": job.id})


@pytest.mark.parametrize(
    ("job_type", "given", "priority"),
    [
        (INGEST, None, None),
        (BATCH_INGEST, None, "bulk"),
        (SCRAPE, None, "bulk"),
        (SCAN, None, "bulk"),
        (INGEST, Priority.BULK, "bulk"),
        (BATCH_INGEST, Priority.INTERACTIVE, None),
    ],
)
def test_a_job_has_its_types_priority_unless_another_is_asked_for(bulk, job_type, given, priority):
    job = bulk(type=job_type.name, priority=given)

    assert job.get("priority") == priority
    overflows = job_type.queue.overflow and priority == "bulk"
    assert job.get("in_overflow") == (QUEUE if overflows else None)


def test_bulk_jobs_send_none_of_their_owner_to_the_overflow_queue(engine, bulk):
    jobs = [bulk(payload={"n": n}) for n in range(12)]

    assert engine.listing.count_unfinished("alice", 100) == 12
    assert engine.listing.count_ahead("alice", 100) == 0
    engine.claims.succeed(engine.claims.claim(jobs[0].lane, "w"), None)
    assert engine.listing.count_exempt("alice", 100) == 11


def test_in_the_overflow_an_owners_interactive_jobs_have_their_turn_first(bulk, turns):
    many = [bulk(payload={"n": n}).id for n in range(100)]
    few = [bulk(priority=None, in_overflow=True, payload={"few": n}).id for n in range(3)]

    served = [turns.next(QUEUE).id for _ in range(5)]

    assert set(served[:3]) == set(few)
    assert set(served[3:]) < set(many)


def test_owners_with_bulk_alone_take_turns_as_before(bulk, turns):
    for owner in ("alice", "bob"):
        for n in range(3):
            bulk(owner=owner, payload={"n": n})

    served = [turns.next(QUEUE).owner for _ in range(6)]

    assert served in (["alice", "bob"] * 3, ["bob", "alice"] * 3)


def test_what_is_bulk_waits_in_the_overflow_again_whoever_lets_it_go(engine, bulk, record):
    job = bulk()
    claim = engine.claims.claim(job.lane, "w")
    assert "in_overflow" not in record(job)

    assert engine.claims.release(claim).get("in_overflow") == QUEUE
    engine.control.pause("alice", job.id, by="alice")
    assert engine.control.resume("alice", job.id, by="alice").get("in_overflow") == QUEUE

    engine.claims.claim(job.lane, "w")
    past = {"lease_expires_at": datetime.now(UTC) - timedelta(hours=1)}
    engine.records.jobs.update_one({"_id": job.id}, {"$set": past})
    Sweeper(engine.records, engine.dead_letters).run_once()
    assert (record(job)["state"], record(job)["in_overflow"]) == (State.PENDING, QUEUE)


def test_what_is_interactive_or_has_no_such_queue_does_not(engine, bulk):
    for given in ({"priority": None}, {"type": SCAN.name}):
        claim = engine.claims.claim(bulk(**given).lane, "w")
        assert engine.claims.release(claim).get("in_overflow") is None


def test_the_relay_notifies_of_bulk_in_the_overflow_queue(engine, bulk, record):
    retried, plain = bulk(), bulk(priority=None, payload={"n": 1})
    claim = engine.claims.claim(retried.lane, "w")
    engine.claims.retry(claim, {"kind": "transient", "message": "again"}, 0)
    engine.records.jobs.update_many({}, [{"$set": {"notify_at": "$created_at"}}])
    told = {}

    def notify(job, *, overflow, settled):
        told[job.id] = overflow
        settled(True)

    Relay(engine.records, notify, lambda _queue: 0).run_once()

    assert told == {retried.id: True, plain.id: False}
    assert record(retried)["in_overflow"] == QUEUE


def test_bulk_that_is_due_enters_the_overflow(engine, bulk, record):
    job = bulk(run_at=datetime.now(UTC) + timedelta(hours=1))
    engine.records.jobs.update_one({"_id": job.id}, [{"$set": {"run_at": "$created_at"}}])

    (entered,) = engine.scheduled.enter()

    assert entered.in_overflow
    assert (record(job)["in_overflow"], record(job)["burst_exempt"]) == (QUEUE, True)


def test_within_a_lane_nothing_overtakes(engine, bulk):
    first = bulk(lane="L")
    second = bulk(lane="L", priority=None)

    claim = engine.claims.claim("L", "w")

    assert claim.job.id == first.id
    assert engine.claims.claim("L", "w") is None
    engine.claims.succeed(claim, None)
    assert engine.claims.claim("L", "w").job.id == second.id
