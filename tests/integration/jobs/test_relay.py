from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs.engine import Engine
from jobs.policy import MEMORY_QUEUE, OVERFLOW, QUEUES
from jobs.recovery.relay import Relay
from jobs.settings import JobSettings
from storage.errors import StorageError
from tests.factories import a_job, claimed

BATCH = 100


class Bell:
    """Counts rings; may be out of order."""

    def __init__(self, works=True) -> None:
        self.rung: list[str] = []
        self.behind: list[str] = []
        self.works = works

    def __call__(self, job, *, overflow) -> bool:
        if self.works:
            self.rung.append(job.id)
            self.behind += [job.id] * overflow
        return self.works


@pytest.fixture
def engine(database, engine):
    settings = JobSettings(ring_batch=BATCH, ring_grace_seconds=0.001, ring_low_water=10)
    return Engine.over(database, settings)


def relay(engine, bell, depth=0):
    return Relay(engine.records, bell, lambda _queue: depth, QUEUES)


def accept(engine, count):
    return [engine.acceptance.accept(a_job(payload={"n": n})).job.id for n in range(count)]


def test_a_backlog_is_rung_for_in_bounded_batches(engine, eventually):
    ids, bell = accept(engine, 250), Bell()
    one = relay(engine, bell)

    assert one.run_once() == BATCH
    eventually(lambda: one.run_once() == 0 or set(bell.rung) == set(ids))

    assert set(bell.rung) == set(ids)


def test_a_queue_with_messages_in_it_is_left_alone(engine):
    accept(engine, 5)

    assert relay(engine, Bell(), depth=11).run_once() == 0


def test_a_retry_that_is_due_is_rung_for_though_its_queue_is_full(engine, eventually):
    accept(engine, BATCH)
    again, bell = claimed(engine, payload={"n": "again"}), Bell()
    engine.records.jobs.update_one({"_id": again.job.id}, {"$set": {"rings": 3}})
    engine.claims.retry(again, {"kind": "transient", "message": "x"}, 0)
    one = relay(engine, bell, depth=11)
    engine.claims.retry(
        engine.claims.claim(again.job.lane, "w"), {"kind": "transient", "message": "x"}, 0
    )

    eventually(lambda: one.run_once() or bell.rung)
    one.run_once()

    assert bell.rung == [again.job.id]


def test_a_broker_that_does_not_answer_is_asked_again(engine):
    ids, silent, bell = accept(engine, 5), Bell(works=False), Bell()

    assert relay(engine, silent).run_once() == 0
    assert relay(engine, Bell(), depth=None).run_once() == 0
    assert relay(engine, bell).run_once() == 5
    assert bell.rung == ids


def test_rings_for_a_job_nobody_claims_become_rarer(engine, eventually):
    job_id, bell = accept(engine, 1)[0], Bell()
    one = relay(engine, bell)
    eventually(lambda: one.run_once() or len(bell.rung) >= 4)

    record = engine.control.get("alice", job_id).record

    waits = (record["ring_at"] - record["created_at"]).total_seconds()
    assert record["rings"] == len(bell.rung)
    assert waits >= 0.001 * 2 ** (record["rings"] - 1)


def test_of_each_owner_a_few_ring_ahead_and_the_others_in_the_overflow(engine):
    ids, bell = accept(engine, 25), Bell()
    other = engine.acceptance.accept(a_job(owner="bob")).job.id

    assert relay(engine, bell).run_once() == 26

    assert bell.behind == ids[engine.settings.front_rings :]
    assert other in bell.rung


def test_a_crowded_overflow_gets_no_more_rings_and_holds_up_nobody_else(engine):
    ids, bell = accept(engine, BATCH), Bell()
    other = engine.acceptance.accept(a_job(owner="bob")).job.id
    depths = {MEMORY_QUEUE: 0, OVERFLOW[MEMORY_QUEUE]: 11}
    one = Relay(engine.records, bell, lambda queue: depths.get(queue, 0), QUEUES)

    assert one.run_once() == engine.settings.front_rings
    assert bell.behind == []
    assert one.run_once() >= 1
    assert other in bell.rung
    assert bell.rung[: engine.settings.front_rings] == ids[: engine.settings.front_rings]


def test_two_relays_at_once_are_harmless(engine):
    ids, bell = accept(engine, 60), Bell()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: relay(engine, bell).run_once(), range(2)))

    assert set(bell.rung) == set(ids)
    assert all(engine.claims.claim(job_id, "w") for job_id in ids)
    assert not any(engine.claims.claim(job_id, "w") for job_id in ids)


def test_a_claimed_job_is_not_rung_for(engine):
    job = engine.acceptance.accept(a_job()).job
    engine.claims.claim(job.lane, "w")

    assert engine.records.jobs.count_documents({"queue": MEMORY_QUEUE, "ring_at": None}) == 1
    assert relay(engine, Bell()).run_once() == 0


def test_many_processes_may_make_the_indexes_at_once(database):
    database.client.drop_database("crowded")
    crowded = database.client["crowded"]

    def prepare(_number: int) -> str:
        try:
            Engine.over(crowded).records.prepare()
        except StorageError as error:
            return str(error)
        return "ok"

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(prepare, range(8))) == {"ok"}
