"""Group commit: jobs that one process accepts at once."""

import asyncio

import pika
import pytest

from keepsake.jobs.acceptance import Acceptance, GroupCommit
from keepsake.memory.job_types import MEMORY_QUEUE
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
def commit(engine, publishing):
    commit = GroupCommit(engine.acceptance, publishing.notifier.notify_soon)
    yield commit
    commit.close()


def published(job_id) -> bool:
    """Whether a message names a job; others are dropped."""
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        while (message := connection.channel().basic_get(MEMORY_QUEUE.name, auto_ack=True))[0]:
            if message[1].message_id == job_id:
                return True
    return False


def test_a_notification_is_published_although_the_event_loop_is_busy(engine, commit, eventually):
    async def accept():
        accepting = asyncio.create_task(commit.accept(a_job()))
        for _ in range(3):
            await asyncio.sleep(0)
        (job_id,) = eventually(lambda: engine.records.jobs.distinct("_id"))
        eventually(lambda: published(job_id))
        return await accepting, job_id

    accepted, job_id = asyncio.run(accept())

    assert accepted.job.id == job_id


def test_an_unforeseen_fault_of_one_write_does_not_hang_those_after_it(engine, commit, monkeypatch):
    def broken(*_):
        raise RuntimeError("unforeseen")

    async def accept():
        with monkeypatch.context() as context, pytest.raises(RuntimeError):
            context.setattr(Acceptance, "accept_all", broken)
            await commit.accept(a_job())
        return await asyncio.wait_for(commit.accept(a_job()), timeout=10)

    assert asyncio.run(accept()).created
