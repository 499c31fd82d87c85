"""How many of an owner's jobs ring ahead of others'."""

import asyncio

import pytest

from keepsake.access.keys import Principal
from keepsake.access.roles import Role
from tests.factories import a_job
from web.auth import limits
from web.auth.limits import BacklogLimit
from web.settings import WebSettings

ALICE = Principal("alice", Role.OWNER, "key")
FRONT = 10


@pytest.fixture
def room(engine, monkeypatch):
    monkeypatch.setattr(limits, "_COUNTED_SECONDS", 0.05)
    return BacklogLimit(engine.backlog, WebSettings(), FRONT)


def accept(engine, room, count):
    """Accept some jobs, one after the other; which of them ring ahead."""

    async def each():
        ahead = []
        for _ in range(count):
            ahead.append(await room.require_room(ALICE))
            engine.acceptance.accept(a_job(force=True))
        return ahead

    return asyncio.run(each())


def test_an_owners_first_unfinished_jobs_ring_ahead(engine, room):
    assert accept(engine, room, 15) == [True] * FRONT + [False] * 5


def test_a_flood_rings_ahead_no_further_however_fast_earlier_jobs_ended(
    engine, room, eventually, monkeypatch
):
    accept(engine, room, 30)
    engine.records.jobs.delete_many({})
    eventually(lambda: accept(engine, room, 1)[0])
    monkeypatch.setattr(limits, "_COUNTED_SECONDS", 60.0)

    assert sum(accept(engine, room, 50)) < FRONT


def test_an_owner_whose_jobs_end_meanwhile_keeps_ringing_ahead(engine, room, monkeypatch):
    monkeypatch.setattr(limits, "_COUNTED_SECONDS", 60.0)
    monkeypatch.setattr(limits, "_RECOUNTED_SECONDS", 0.0)
    for _ in range(5):
        assert all(accept(engine, room, 8))
        engine.records.jobs.delete_many({})
