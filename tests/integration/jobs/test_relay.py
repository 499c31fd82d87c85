from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.relay import Relay
from keepsake.jobs.settings import JobSettings
from keepsake.memory.job_types import MEMORY_QUEUE
from keepsake.parts import job_types
from keepsake.storage.mongo import StorageError
from tests.factories import a_job, claimed

BATCH = 100


class Notify:
    """Notes messages, and the jobs they are of; may be out of order."""

    def __init__(self, works=True) -> None:
        self.messages: list[str] = []
        self.notified: list[str] = []
        self.in_overflow: list[str] = []
        self.works = works

    def __call__(self, job, *, overflow, settled) -> None:
        if self.works:
            self.messages.append(job.id)
            if job.id not in self.notified:
                self.notified.append(job.id)
                self.in_overflow += [job.id] * overflow
        settled(self.works)


@pytest.fixture
def engine(database, engine, monkeypatch):
    monkeypatch.setattr("keepsake.jobs.relay.BATCH", BATCH)
    monkeypatch.setattr("keepsake.jobs.relay.LOW_WATER", 10)
    return Engine.over(database, job_types(), JobSettings(notify_again_after_seconds=0.001))


def relay(engine, notifier, depth=0):
    return Relay(engine.records, notifier, lambda _queue: depth)


def accept_due(engine, **given):
    """A job whose time to be notified for has just come."""
    job_id = engine.acceptance.accept(a_job(**given)).job.id
    engine.records.jobs.update_one({"_id": job_id}, [{"$set": {"notify_at": "$$NOW"}}])
    return job_id


def accept(engine, count):
    """Jobs that are due one after the other: several may be accepted in one millisecond."""
    ids = [engine.acceptance.accept(a_job(payload={"n": n})).job.id for n in range(count)]
    for earlier, job_id in enumerate(reversed(ids), 1):
        due_at = {"$subtract": ["$notify_at", earlier]}
        engine.records.jobs.update_one({"_id": job_id}, [{"$set": {"notify_at": due_at}}])
    return ids


def test_a_backlog_is_notified_in_bounded_batches(engine, eventually):
    ids, notifier = accept(engine, 250), Notify()
    bounded_relay = relay(engine, notifier)

    assert bounded_relay.run_once() == BATCH
    eventually(lambda: bounded_relay.run_once() == 0 or set(notifier.notified) == set(ids))

    assert set(notifier.notified) == set(ids)


def test_a_queue_with_messages_in_it_is_left_alone(engine):
    accept(engine, 5)

    assert relay(engine, Notify(), depth=11).run_once() == 0


def test_what_waits_in_a_full_queue_stays_as_it_is(engine):
    accept(engine, 5)
    before = list(engine.records.jobs.find())

    relay(engine, Notify(), depth=11).run_once()

    assert list(engine.records.jobs.find()) == before


def test_a_full_round_says_that_there_is_more(engine):
    accept(engine, BATCH)
    rounds = relay(engine, Notify())

    rounds.run_once()
    assert rounds.more

    engine.records.jobs.delete_many({})
    rounds.run_once()
    assert not rounds.more


@pytest.mark.parametrize("overflow_depth", [0, 11])
def test_an_owners_flood_in_the_overflow_is_before_no_others_job(engine, overflow_depth):
    flood = [engine.acceptance.accept(a_job(payload={"n": n}, in_overflow=True)).job.id
             for n in range(2 * BATCH)]  # fmt: skip
    engine.records.jobs.update_many({}, {"$set": {"notify_at": datetime(2026, 1, 1, tzinfo=UTC)}})
    other = accept_due(engine, owner="bob")
    depths = {job_types().overflow[MEMORY_QUEUE.name]: overflow_depth}
    notifier = Notify()

    Relay(engine.records, notifier, lambda queue: depths.get(queue, 0)).run_once()

    assert other in notifier.notified
    assert other not in notifier.in_overflow
    assert set(notifier.in_overflow) <= set(flood)
    assert len(notifier.in_overflow) == (0 if overflow_depth else BATCH)


def test_a_retry_that_is_due_is_notified_though_its_queue_is_full(engine, eventually):
    accept(engine, BATCH)
    again, notifier = claimed(engine, payload={"n": "again"}), Notify()
    engine.records.jobs.update_one({"_id": again.job.id}, {"$set": {"notifications": 3}})
    engine.claims.retry(again, {"kind": "transient", "message": "x"}, 0)
    bounded_relay = relay(engine, notifier, depth=11)
    engine.claims.retry(
        engine.claims.claim(again.job.lane, "w"), {"kind": "transient", "message": "x"}, 0
    )

    eventually(lambda: bounded_relay.run_once() or notifier.notified)
    bounded_relay.run_once()

    assert notifier.messages == [again.job.id]


def test_a_broker_that_does_not_answer_is_asked_again(engine):
    ids, silent, notifier = accept(engine, 5), Notify(works=False), Notify()

    assert relay(engine, silent).run_once() == 0
    assert relay(engine, Notify(), depth=None).run_once() == 0
    assert relay(engine, notifier).run_once() == 5
    assert notifier.notified == ids


def test_notifications_of_a_job_nobody_claims_become_rarer(engine, eventually):
    job_id, notifier = accept(engine, 1)[0], Notify()
    bounded_relay = relay(engine, notifier)
    rounds = []
    eventually(lambda: rounds.append(bounded_relay.run_once()) or sum(rounds) >= 4)

    record = engine.control.get("alice", job_id).record

    waits = (record["notify_at"] - record["created_at"]).total_seconds()
    assert record["notifications"] == sum(rounds)
    assert waits >= 0.001 * 2 ** (record["notifications"] - 1)


def test_the_longer_nobody_comes_for_a_job_the_more_messages_follow_each_other(engine, eventually):
    job_id, notifier = accept(engine, 1)[0], Notify()
    bounded_relay = relay(engine, notifier)

    counts = []
    for _ in range(4):
        notifier.messages.clear()
        eventually(lambda: bounded_relay.run_once() == 1)
        counts.append(notifier.messages.count(job_id))

    assert counts == [2, 3, 4, 4]


def test_of_each_owner_a_few_do_not_go_to_the_overflow(engine):
    ids, notifier = accept(engine, 25), Notify()
    other = engine.acceptance.accept(a_job(owner="bob")).job.id

    assert relay(engine, notifier).run_once() == 26

    assert notifier.in_overflow == ids[engine.settings.owner_burst :]
    assert other in notifier.notified


def test_a_crowded_overflow_gets_no_more_notifications_and_holds_up_nobody_else(engine):
    ids, notifier = accept(engine, BATCH), Notify()
    other = engine.acceptance.accept(a_job(owner="bob")).job.id
    depths = {MEMORY_QUEUE.name: 0, job_types().overflow[MEMORY_QUEUE.name]: 11}
    bounded_relay = Relay(engine.records, notifier, lambda queue: depths.get(queue, 0))

    assert bounded_relay.run_once() == engine.settings.owner_burst
    assert notifier.in_overflow == []
    assert bounded_relay.run_once() >= 1
    assert other in notifier.notified
    assert notifier.notified[: engine.settings.owner_burst] == ids[: engine.settings.owner_burst]


def test_two_relays_at_once_are_harmless(engine):
    ids, notifier = accept(engine, 60), Notify()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: relay(engine, notifier).run_once(), range(2)))

    assert set(notifier.notified) == set(ids)
    assert all(engine.claims.claim(job_id, "w") for job_id in ids)
    assert not any(engine.claims.claim(job_id, "w") for job_id in ids)


def test_a_claimed_job_is_not_notified(engine):
    job = engine.acceptance.accept(a_job()).job
    engine.claims.claim(job.lane, "w")

    assert engine.records.jobs.count_documents({"queue": MEMORY_QUEUE.name, "notify_at": None}) == 1
    assert relay(engine, Notify()).run_once() == 0


def test_many_processes_may_make_the_indexes_at_once(database):
    database.client.drop_database("crowded")
    crowded = database.client["crowded"]

    def prepare(_number: int) -> str:
        try:
            Engine.over(crowded, job_types()).records.prepare()
        except StorageError as error:
            return str(error)
        return "ok"

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(prepare, range(8))) == {"ok"}
