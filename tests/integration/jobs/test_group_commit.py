"""Group commit: jobs that one process accepts at once."""

import asyncio

import pika
import pytest

from keepsake.jobs.acceptance import Acceptance, GroupCommit
from keepsake.jobs.errors import KeyMalformed, KeyReused, Unstorable
from keepsake.jobs.job import Accepted
from keepsake.memory.job_types import MEMORY_QUEUE
from keepsake.storage.mongo import connect_on_loop
from middleware.broker import BrokerSettings
from middleware.stack import publishing_stack
from tests.factories import a_job


@pytest.fixture
def publishing(engine, rabbitmq):
    publishing = publishing_stack(engine)
    publishing.broker.declare_queue(MEMORY_QUEUE.name, ensure=True)
    yield publishing
    publishing.broker.close()


@pytest.fixture
def committing(engine, publishing):
    """Runs what uses a group commit on an event loop; notified jobs are noted, and if recorded."""
    noted = {}

    def notify(job, **how):
        noted[job.id] = engine.records.newest.count_documents({"_id": job.id})
        publishing.notifier.notify_soon(job, **how)

    def run(use):
        async def committed():
            database = connect_on_loop(engine.records.database.name)
            commit = GroupCommit(engine.acceptance, database, notify)
            try:
                return await asyncio.wait_for(use(commit, noted), 30)
            finally:
                await commit.close()

        return asyncio.run(committed())

    return run


def published(job_id) -> bool:
    """Whether a message names a job; others are dropped."""
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        while (message := connection.channel().basic_get(MEMORY_QUEUE.name, auto_ack=True))[0]:
            if message[1].message_id == job_id:
                return True
    return False


def test_a_notification_leaves_before_the_record_is_written(committing, eventually):
    async def accept(commit, noted):
        return await commit.accept(a_job()), noted

    accepted, noted = committing(accept)

    assert noted == {accepted.job.id: 0}
    eventually(lambda: published(accepted.job.id))


@pytest.mark.parametrize("what", [{"further_lanes": ["other"]}, {"in_overflow": True}])
def test_what_a_claim_looks_for_is_notified_of_once_it_is_recorded(committing, what):
    async def accept(commit, noted):
        return await commit.accept(a_job(**what)), dict(noted)

    accepted, noted = committing(accept)

    assert noted == {accepted.job.id: 1}


def test_what_comes_while_a_write_is_in_flight_shares_the_next_one(committing, engine):
    async def accept(commit, noted):
        jobs = [a_job(payload={"n": n}, key=f"k{n % 8}") for n in range(16)]
        return await asyncio.gather(*map(commit.accept, jobs), return_exceptions=True)

    outcomes = committing(accept)

    created = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    assert [outcome.created for outcome in created] == [True] * 8
    assert [type(outcome) for outcome in outcomes[8:]] == [KeyReused] * 8
    assert engine.records.jobs.count_documents({}) == 8


def test_what_cannot_be_stored_fails_alone(committing, engine):
    too_deep = {}
    for _ in range(200):
        too_deep = {"in": too_deep}
    jobs = [a_job(payload={"n": 1}), a_job(payload=too_deep), a_job(payload={"n": 2**70}),
            a_job(key="a b"), a_job(payload={"n": 2})]  # fmt: skip

    async def accept(commit, noted):
        lone = asyncio.create_task(commit.accept(a_job(payload={"n": 0})))
        await asyncio.sleep(0)  # it is being written: the others share the next write
        outcomes = await asyncio.gather(*map(commit.accept, jobs), return_exceptions=True)
        return [await lone, *outcomes]

    outcomes = committing(accept)

    stored = [isinstance(outcome, Accepted) for outcome in outcomes]
    assert stored == [True, True, False, False, False, True]
    assert [type(outcome) for outcome in outcomes[3:5]] == [Unstorable, KeyMalformed]
    assert engine.records.jobs.count_documents({}) == 3


def test_a_key_whose_job_ended_badly_is_free_again(committing, engine):
    async def accept(commit, noted):
        first = await commit.accept(a_job(anew=True))
        engine.records.jobs.update_one({"_id": first.job.id}, {"$set": {"state": "succeeded"}})
        return first, await commit.accept(a_job(anew=True)), noted

    first, again, noted = committing(accept)

    assert again.created
    assert {first.job.id, again.job.id} <= noted.keys()


def test_the_record_is_as_the_sequential_way_writes_it(committing, engine):
    async def accept(commit, noted):
        return (await commit.accept(a_job(payload={"n": 1}, key="k1"))).job

    job = committing(accept)
    other = engine.acceptance.accept(a_job(payload={"n": 2}, key="k2")).job

    one, two = (engine.records.jobs.find_one({"_id": each.id}) for each in (job, other))
    assert [(name, type(value)) for name, value in one.items()] == [
        (name, type(value)) for name, value in two.items()
    ]
    assert one["accepted"] < two["accepted"]
    assert {name: one[name] for name in job.record} == job.record


def test_an_unforeseen_fault_of_one_write_does_not_hang_those_after_it(committing, monkeypatch):
    def broken(*_):
        raise RuntimeError("unforeseen")

    async def accept(commit, noted):
        with monkeypatch.context() as context, pytest.raises(RuntimeError):
            context.setattr(Acceptance, "drafts", broken)
            await commit.accept(a_job())
        return await commit.accept(a_job())

    assert committing(accept).created
