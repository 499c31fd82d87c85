"""Owners who wait behind their first jobs take turns, however long one's line is."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest
from dramatiq.middleware import SkipMessage

from keepsake.jobs import fair_scheduler
from keepsake.jobs.fair_scheduler import FairScheduler
from keepsake.jobs.relay import Relay
from keepsake.memory.job_types import MEMORY_QUEUE
from keepsake.parts import job_types
from middleware.status import Status
from tests.factories import a_job


@pytest.fixture
def turns(engine, monkeypatch):
    """It names what it has read once, however long each look takes on a busy machine."""
    monkeypatch.setattr(fair_scheduler, "_FRESH_SECONDS", 60)
    return FairScheduler(engine.records)


def notify(_job, *, overflow, settled):
    """As if RabbitMQ had confirmed."""
    settled(overflow in {True, False})


def accept(engine, owner, count, **given):
    news = [a_job(owner=owner, payload={"n": n}, in_overflow=True, **given) for n in range(count)]
    return [accepted.job.id for accepted in engine.acceptance.accept_all(news)]


def test_two_owners_take_turns_and_of_each_the_oldest(engine, turns):
    many, few = accept(engine, "alice", 100), accept(engine, "bob", 3)

    served = [turns.next(MEMORY_QUEUE.name).id for _ in range(6)]

    assert set(served) & set(many) <= set(many[:32])
    assert set(served) & set(few) == set(few)
    assert [served[0] in few, served[1] in few] in ([True, False], [False, True])


def test_no_notification_is_used_up_in_vain_while_workers_serve_in_turn(engine):
    """Each that finds nothing would leave a job to the relay, which looks much later."""
    ids = [job_id for owner in ("alice", "bob", "carol") for job_id in accept(engine, owner, 80)]
    workers = [Status(replace(engine, scheduler=FairScheduler(engine.records)), None, f"w{n}")
               for n in range(2)]  # fmt: skip

    def come(number):
        message = SimpleNamespace(
            queue_name=job_types().overflow[MEMORY_QUEUE.name],
            kwargs={"job_id": ids[number], "lane": ids[number]},
        )
        with suppress(SkipMessage):
            workers[number % 2].before_process_message(None, message)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(come, range(len(ids))))

    assert engine.records.jobs.count_documents({"state": "running"}) == len(ids)


def test_of_many_owners_each_is_served_before_one_is_twice(engine, turns):
    owners = [f"owner-{n}" for n in range(40)]
    for owner in owners:
        accept(engine, owner, 2)

    served = [turns.next(MEMORY_QUEUE.name) for _ in range(len(owners))]

    assert {job.owner for job in served} == set(owners)


def test_a_lone_owner_has_no_turns_to_wait_for(engine, turns):
    accept(engine, "alice", 5)

    assert turns.next(MEMORY_QUEUE.name) is None


def test_while_one_looks_the_others_serve_the_lone_owner(engine, turns, monkeypatch):
    accept(engine, "alice", 5)
    looks, others = [], ThreadPoolExecutor(1)

    def meanwhile(*_):
        looks.append(others.submit(turns.next, MEMORY_QUEUE.name).result(timeout=5))
        return ["alice"]

    monkeypatch.setattr(turns, "_owners", meanwhile)

    assert turns.next(MEMORY_QUEUE.name) is None
    assert looks == [None]


def test_a_notification_whose_job_is_done_finds_one_that_waits(engine, turns):
    first, second = accept(engine, "alice", 2)
    engine.claims.claim(first, "w")

    assert turns.any(MEMORY_QUEUE.name, ()).id == second


def test_a_notification_finds_one_that_waits_though_all_that_were_read_are_taken(
    engine, turns, monkeypatch
):
    monkeypatch.setattr(fair_scheduler, "_AHEAD", 2)
    *taken, left = accept(engine, "alice", 3)
    named = turns.any(MEMORY_QUEUE.name, ())
    for job_id in taken:
        assert engine.claims.claim(job_id, "w")

    assert named.id in taken
    assert turns.any(MEMORY_QUEUE.name, taken).id == left


@pytest.mark.parametrize("leave", ["claim", "cancel", "pause"])
def test_who_is_not_due_has_no_turn(engine, turns, leave):
    (job_id,) = accept(engine, "alice", 1)

    if leave == "claim":
        engine.claims.claim(job_id, "w")
    else:
        getattr(engine.control, leave)("alice", job_id, by="alice")

    assert turns.any(MEMORY_QUEUE.name, ()) is None


def test_what_the_relay_notifies_in_the_overflow_takes_turns(engine):
    jobs = [engine.acceptance.accept(a_job(payload={"n": n})).job.id for n in range(12)]
    engine.records.jobs.update_many({}, [{"$set": {"notify_at": "$created_at"}}])

    Relay(engine.records, notify, lambda _queue: 0).run_once()

    behind = engine.records.jobs.find({"in_overflow": MEMORY_QUEUE.name, "notify_next": True})
    assert [job["_id"] for job in behind] == jobs[engine.settings.owner_burst :]
