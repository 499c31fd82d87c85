"""How many of an owner's jobs stay out of the overflow queue."""

import asyncio

import pytest

from keepsake.access.keys import Principal, Role
from tests.factories import a_job
from web.edge import limits
from web.edge.limits import BacklogLimit
from web.settings import WebSettings

ALICE = Principal("alice", Role.OWNER, "key")
BURST = 10


@pytest.fixture
def backlog_limit(engine, monkeypatch):
    monkeypatch.setattr(limits, "_COUNTED_SECONDS", 0.05)
    return BacklogLimit(engine.listing, engine.records.owner_rules, WebSettings(), BURST)


def accept(engine, backlog_limit, count):
    """Accept some jobs, one after the other; which of them go to the overflow queue."""

    async def each():
        overflows = []
        for _ in range(count):
            overflows.append(await backlog_limit.require_room(ALICE))
            engine.acceptance.accept(a_job(force=True))
        return overflows

    return asyncio.run(each())


def test_an_owners_first_unfinished_jobs_stay_out_of_the_overflow_queue(engine, backlog_limit):
    assert accept(engine, backlog_limit, 15) == [False] * BURST + [True] * 5


def test_a_flood_goes_to_the_overflow_queue_however_fast_earlier_jobs_ended(
    engine, backlog_limit, eventually, monkeypatch
):
    accept(engine, backlog_limit, 30)
    engine.records.jobs.delete_many({})
    eventually(lambda: not accept(engine, backlog_limit, 1)[0])
    monkeypatch.setattr(limits, "_COUNTED_SECONDS", 60.0)

    assert accept(engine, backlog_limit, 50).count(False) < BURST


def test_an_owner_whose_jobs_end_meanwhile_never_overflows(engine, backlog_limit, monkeypatch):
    monkeypatch.setattr(limits, "_COUNTED_SECONDS", 60.0)
    monkeypatch.setattr(limits, "_RECOUNTED_SECONDS", 0.0)
    for _ in range(5):
        assert not any(accept(engine, backlog_limit, 8))
        engine.records.jobs.delete_many({})
