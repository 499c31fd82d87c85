"""More jobs to sweep than one round takes, and some that cannot be swept."""

from datetime import UTC, datetime

import pytest

from keepsake.jobs.states import State
from keepsake.jobs.sweeper import Sweeper
from tests.factories import a_job, claimed

BATCH = 4
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def sweeper(engine, monkeypatch):
    monkeypatch.setattr("keepsake.jobs.sweeper.BATCH", BATCH)
    return Sweeper(engine.records, engine.dead_letters)


def lose(engine, count, prefix="lane"):
    """Jobs that lost their worker; the index has them in the order of their lanes."""
    ids = [claimed(engine, payload={"n": f"{prefix}{n}"}, lane=f"{prefix}-{n:02}").job.id
           for n in range(count)]  # fmt: skip
    engine.records.jobs.update_many({"_id": {"$in": ids}}, {"$set": {"lease_expires_at": LONG_AGO}})
    return ids


def let_pass(engine, count):
    """Jobs whose deadline has passed."""
    ids = [engine.acceptance.accept(a_job(payload={"late": n})).job.id for n in range(count)]
    engine.records.jobs.update_many({"_id": {"$in": ids}}, {"$set": {"deadline_at": LONG_AGO}})
    return ids


def swept(sweeper):
    """The jobs of each round, for as long as it says that there is more."""
    rounds = [sweeper.run_once()]
    while sweeper.more:
        rounds.append(sweeper.run_once())
    return rounds


def test_one_look_takes_all_there_is_in_bounded_rounds(engine, sweeper):
    lost = lose(engine, 3 * BATCH + 1)

    rounds = swept(sweeper)

    assert sorted(job.id for jobs in rounds for job in jobs) == sorted(lost)
    assert max(map(len, rounds)) <= BATCH


def test_many_of_one_kind_hold_up_none_of_the_other(engine, sweeper):
    lost, late = lose(engine, 2 * BATCH), let_pass(engine, 2 * BATCH)

    first = {job.id for job in sweeper.run_once()}

    assert (len(first & set(lost)), len(first & set(late))) == (BATCH, BATCH)


def test_jobs_that_cannot_be_taken_back_hold_up_none_behind_them(engine, sweeper):
    held_up = lose(engine, 2 * BATCH, "a")
    engine.records.jobs.update_many({}, {"$set": {"lost_acks": "often"}})
    behind = lose(engine, 2, "b")

    taken_back = {job.id for _ in range(4) for job in sweeper.run_once()}

    assert taken_back == set(behind)
    engine.records.jobs.update_many({}, {"$unset": {"lost_acks": ""}})
    assert {job.id for _ in range(4) for job in sweeper.run_once()} == set(held_up)


def test_two_sweepers_at_once_take_each_job_back_once(engine, sweeper):
    lost = lose(engine, 2 * BATCH)
    other = Sweeper(engine.records, engine.dead_letters)

    both = [job.id for _ in range(2) for each in (sweeper, other) for job in each.run_once()]

    assert sorted(both) == sorted(lost)
    assert engine.records.jobs.count_documents({"state": State.PENDING, "crashes": 1}) == len(lost)
