"""The roll-up: what happened in each minute, and what waits, counted from the records."""

from datetime import UTC, datetime, timedelta

import pytest

from keepsake.jobs import latency_seconds, queues, roll_up, timeline
from keepsake.jobs.roll_up import RollUp
from keepsake.storage import first_id
from tests.factories import a_job, claimed

ERROR = {"kind": "permanent", "type": "permanent", "message": "no use"}


@pytest.fixture
def records(engine):
    return engine.records


@pytest.fixture
def minute():
    """A minute that is over."""
    now = datetime.now(UTC)
    return now.replace(second=0, microsecond=0) - timedelta(minutes=2)


@pytest.fixture
def moved(database, minute):
    """Moves all jobs into that minute, as if they had been accepted and had ended there."""

    def move():
        for job in list(database["jobs"].find()):
            back = job["created_at"] - (minute + timedelta(seconds=5))
            named = ("created_at", "ended_at", "expire_at")
            times = {name: job[name] - back for name in named if name in job}
            job_id = first_id("job", minute + timedelta(seconds=5))[:20] + job["_id"][20:]
            database["jobs"].delete_one({"_id": job["_id"]})
            database["jobs"].insert_one({**job, **times, "_id": job_id})

    return move


def looked_at(engine):
    """The one minute in which somebody looked: this one, or the last if it has just gone by."""
    (minute,) = [row for row in engine.timeline.minutes(2) if row.states is not None]
    return minute


def due(database):
    database["timeline"].delete_one({"_id": "turn"})


def test_a_minute_counts_what_was_accepted_and_what_ended_by_owner(
    engine, records, moved, minute, database
):
    engine.claims.succeed(claimed(engine, force=True, lane="l1"), {})
    engine.dead_letters.give_up(claimed(engine, force=True, lane="l2", owner="bob"), ERROR)
    cancelled = engine.acceptance.accept(a_job(force=True, lane="l3")).job
    engine.control.cancel("alice", cancelled.id, by="alice")
    engine.acceptance.accept(a_job(force=True, lane="l4"))
    moved()

    assert RollUp(records).run_once()

    rows = {row.at: row for row in engine.timeline.minutes(4)}
    assert rows[minute].counts == {
        "accepted": 4, "succeeded": 1, "dead_letter": 1, "cancelled": 1, "failed_attempts": 1,
    }  # fmt: skip
    assert [row.counts and row.counts.total() for row in rows.values()][-1] is None
    owners = {row.owner: row.counts for row in engine.timeline.owners(4).owners}
    assert owners["alice"] == {
        "accepted": 3, "succeeded": 1, "cancelled": 1, "failed_attempts": 0}  # fmt: skip
    assert owners["bob"]["dead_letter"] == owners["bob"]["failed_attempts"] == 1


def test_a_minute_counts_how_long_jobs_took_from_when_they_could_run(
    engine, records, moved, minute, database
):
    entered = minute + timedelta(seconds=1)
    was_scheduled = [{"state": "scheduled", "at": minute - timedelta(days=9)},
                     {"state": "pending", "at": entered}]  # fmt: skip
    for seconds, changes in ((2, {}), (4, {"state_history": was_scheduled})):
        job = claimed(engine, force=True, lane=f"l{seconds}")
        engine.claims.succeed(job, {})
        changes["created_at"] = database["jobs"].find_one({"_id": job.job.id})["ended_at"]
        database["jobs"].update_one({"_id": job.job.id}, {"$set": changes})
    moved()
    for job in database["jobs"].find():
        ended_at = entered + timedelta(seconds=4 if "scheduled" in str(job["state_history"]) else 9)
        database["jobs"].update_one({"_id": job["_id"]}, {"$set": {"ended_at": ended_at}})

    assert RollUp(records).run_once()

    (row,) = [row for row in engine.timeline.minutes(4) if row.at == minute]
    assert latency_seconds(row.latencies, 0.5) == pytest.approx(4, rel=0.1)
    assert latency_seconds(row.latencies, 0.95) == pytest.approx(5, rel=0.1)
    assert latency_seconds(type(row.latencies)(), 0.5) is None


def test_a_look_counts_what_waits_runs_and_is_paused(engine, records):
    claimed(engine, force=True, lane="l1")
    claim = claimed(engine, force=True, lane="l2")
    engine.claims.retry(claim, ERROR, 60)
    for lane in ("l3", "l4"):
        engine.acceptance.accept(a_job(force=True, lane=lane, owner="bob"))
    paused = engine.acceptance.accept(a_job(force=True, lane="l5")).job
    engine.control.pause("alice", paused.id, by="alice")
    later = datetime.now(UTC) + timedelta(hours=1)
    engine.acceptance.accept(a_job(force=True, lane="l6", run_at=later))

    RollUp(records).run_once()

    assert +looked_at(engine).states == {
        "running": 1, "retrying": 1, "pending": 2, "paused": 1, "scheduled": 1,
    }  # fmt: skip
    seen = {row.owner: (row.backlog, row.running) for row in engine.timeline.owners(1).owners}
    assert seen == {"alice": (4, 1), "bob": (2, 0)}
    jobs = engine.timeline.last_look().jobs
    assert {state: number for (kind, state), number in jobs.items() if kind == "memory.ingest"} == {
        "running": 1, "retrying": 1, "pending": 2, "paused": 1, "scheduled": 1,
    }  # fmt: skip


def test_a_look_tells_for_how_long_jobs_have_been_due_and_which_queues_are_paused(
    engine, records, database
):
    ago = {"$dateSubtract": {"startDate": "$$NOW", "unit": "minute", "amount": 5}}
    long_due = engine.acceptance.accept(a_job(force=True, lane="l1")).job
    database["jobs"].update_one({"_id": long_due.id}, [{"$set": {"run_at": ago}}])
    engine.acceptance.accept(a_job(force=True, lane="l2"))
    engine.claims.retry(claimed(engine, force=True, lane="l3"), ERROR, 60)
    engine.queues.pause("keepsake.scanner", by="olga", reason="")

    RollUp(records).run_once()

    queues = engine.timeline.last_look().queues
    assert queues["keepsake.memory"].waiting == 3
    assert queues["keepsake.memory"].due_seconds == pytest.approx(300, abs=30)
    assert engine.overview.queue("keepsake.memory").oldest_seconds == pytest.approx(300, abs=30)
    assert queues["keepsake.scanner"].due_seconds is None
    assert [name for name, queue in queues.items() if queue.paused] == ["keepsake.scanner"]


def test_a_look_counts_open_dead_letters_by_what_they_died_of(engine, records):
    for lane, kind in (("l1", "a"), ("l2", "a"), ("l3", "b"), ("l4", "b")):
        claim = claimed(engine, force=True, lane=lane)
        engine.dead_letters.give_up(claim, {**ERROR, "type": kind})
    engine.replays.discard("alice", claim.job.id, by="alice")

    RollUp(records).run_once()

    look = engine.timeline.last_look()
    assert look.letters == {("memory.ingest", "a"): 2, ("memory.ingest", "b"): 1}
    assert 0 <= look.age_seconds < 30
    assert set(look.divergence.values()) == {0}


def test_what_a_former_version_does_not_look_at_is_not_shown_as_it_was_before(
    engine, records, database
):
    engine.acceptance.accept(a_job(force=True, lane="l1"))
    engine.dead_letters.give_up(claimed(engine, force=True, lane="l2"), ERROR)
    RollUp(records).run_once()
    before = engine.timeline.last_look()
    former = {"looked_at": "$$NOW", "owners": [], "later": 1}
    database["timeline"].update_one({"_id": "latest"}, [{"$set": former}])
    beside = engine.timeline.last_look()
    due(database)
    RollUp(records).run_once()

    assert before.jobs["memory.ingest", "pending"] == len(before.letters) == 1
    assert (beside.jobs, beside.letters) == ({}, {})
    assert engine.timeline.last_look().jobs == before.jobs
    assert "later" not in database["timeline"].find_one({"_id": "latest"})


def test_a_look_of_long_ago_says_nothing_of_the_present(engine, records, database):
    RollUp(records).run_once()
    ago = {"$dateSubtract": {"startDate": "$$NOW", "unit": "hour", "amount": 1}}
    database["timeline"].update_one({"_id": "latest"}, [{"$set": {"looked_at": ago}}])

    assert engine.timeline.last_look() is None


def test_where_many_wait_a_queue_is_as_the_last_look_counted(engine, records, monkeypatch):
    for module in (queues, timeline):
        monkeypatch.setattr(module, "WAITING_COUNTED", 2)
    for lane in ("l1", "l2", "l3"):
        engine.acceptance.accept(a_job(force=True, lane=lane))

    before = engine.timeline.queue("keepsake.memory").waiting
    RollUp(records).run_once()

    assert (before, engine.timeline.queue("keepsake.memory").waiting) == (2, 3)


def test_divergence_is_counted_anew_when_nobody_has_looked_for_long(engine, records, database):
    RollUp(records).run_once()
    ago = {"$dateSubtract": {"startDate": "$$NOW", "unit": "hour", "amount": 1}}
    engine.acceptance.accept(a_job(lane="l1"))
    database["jobs"].update_one({}, [{"$set": {"notify_at": ago}}])

    seen = engine.timeline.divergence().unnotified
    database["timeline"].update_one({"_id": "latest"}, [{"$set": {"looked_at": ago}}])

    assert (seen, engine.timeline.divergence().unnotified) == (0, 1)


def test_one_process_looks_at_a_time_and_the_next_when_it_is_due(records, database, monkeypatch):
    monkeypatch.setattr(roll_up, "_PAUSE_SECONDS", roll_up.PAUSE_MOST_SECONDS)
    first, second = RollUp(records), RollUp(records)

    looked = [first.run_once(), second.run_once(), first.run_once()]
    due(database)

    assert looked == [True, False, False]
    assert RollUp(records).run_once()


def test_minutes_that_nobody_counted_are_made_up_for_and_older_ones_are_not(
    engine, records, database, monkeypatch
):
    monkeypatch.setattr(roll_up, "_AT_ONCE", roll_up._MADE_UP)
    RollUp(records).run_once()
    counted = [row.counts is not None for row in engine.timeline.minutes(roll_up._MADE_UP + 10)]

    assert counted.count(True) == roll_up._MADE_UP
    assert counted[0] is counted[-1] is False
    noted = [row.at for row in engine.timeline.minutes(4) if row.states is not None]
    assert noted == [looked_at(engine).at]


def test_only_the_owners_with_most_are_kept_and_the_total_has_all(
    engine, records, moved, minute, monkeypatch
):
    monkeypatch.setattr(roll_up, "OWNERS_KEPT", 1)
    for owner in ("alice", "alice", "bob"):
        engine.acceptance.accept(a_job(owner=owner, force=True))
    moved()

    RollUp(records).run_once()

    (point,) = [row for row in engine.timeline.minutes(4) if row.at == minute]
    assert point.counts["accepted"] == 3
    listed = {row.owner: row.counts["accepted"] for row in engine.timeline.owners(4).owners}
    assert listed == {"alice": 2, "bob": 0}
    assert timeline.MINUTES_MOST * 60 == roll_up._KEPT_SECONDS
