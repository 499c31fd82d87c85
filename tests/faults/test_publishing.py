"""Messages are published over one connection, which may be lost at any moment."""

import signal
import threading

import pika
import pytest

from middleware.broker import BrokerSettings
from middleware.stack import publishing_stack
from tests.factories import a_job

MANY = 300
QUEUE = "keepsake.memory"


@pytest.fixture
def jobs(engine):
    outcomes = engine.acceptance.accept_all([a_job(payload={"n": n}) for n in range(MANY)])
    return [outcome.job for outcome in outcomes]


@pytest.fixture
def publishing(engine):
    publishing = publishing_stack(engine)
    yield publishing
    publishing.broker.close()


@pytest.fixture
def hasty(engine):
    """The same, for who waits for a confirm for a second at most."""
    publishing = publishing_stack(engine, BrokerSettings(amqp_socket_timeout_seconds=0.5))
    yield publishing
    publishing.broker.close()


def notified():
    """The ids of all jobs that have a message."""
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        channel = connection.channel()
        ids = []
        while (message := channel.basic_get(QUEUE, auto_ack=True))[0] is not None:
            ids.append(message[1].message_id)
    return ids


def test_many_messages_share_confirms(publishing, jobs):
    confirms = []
    answered = publishing.broker.publisher._answered

    def counted(frame):
        confirms.append(frame.method.multiple)
        answered(frame)

    publishing.broker.publisher._answered = counted
    for job in jobs:
        publishing.notifier.notify_soon(job)
    publishing.broker.close()

    assert sorted(notified()) == sorted(job.id for job in jobs)
    assert any(confirms)
    assert len(confirms) < MANY


def test_closing_waits_for_what_is_being_published(publishing, jobs):
    for job in jobs:
        publishing.notifier.notify_soon(job)
    publishing.broker.close()

    assert len(notified()) == MANY


def test_threads_wait_for_their_own_confirms(publishing, jobs):
    confirmed = []
    threads = [
        threading.Thread(target=lambda job=job: confirmed.append(publishing.notifier.notify(job)))
        for job in jobs[:20]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert confirmed == [True] * 20
    assert sorted(notified()) == sorted(job.id for job in jobs[:20])


def test_a_broker_killed_with_messages_in_flight_loses_no_job(
    publishing, jobs, rabbitmq, kept_queues, fast_worker, eventually, engine
):
    publishing.notifier.notify(jobs[0])
    kept_queues()
    rabbitmq.process.signal(signal.SIGSTOP)
    for job in jobs:
        publishing.notifier.notify_soon(job)
    rabbitmq.kill()
    rabbitmq.start()
    fast_worker(module="bench.noop")

    eventually(
        lambda: engine.records.jobs.count_documents({"state": "succeeded"}) == MANY, within=60
    )


def test_a_hung_broker_delays_a_notification_by_no_more_than_its_deadline(
    hasty, jobs, rabbitmq, eventually
):
    eventually(lambda: hasty.notifier.notify(jobs[0]), within=30)
    rabbitmq.process.signal(signal.SIGSTOP)
    try:
        assert not hasty.notifier.notify(jobs[1])
        assert not hasty.notifier.notify(jobs[2])
    finally:
        rabbitmq.process.signal(signal.SIGCONT)

    eventually(lambda: hasty.notifier.notify(jobs[3]), within=30)


def test_a_deleted_queue_is_declared_again(publishing, jobs):
    assert publishing.notifier.notify(jobs[0])
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        connection.channel().queue_delete(QUEUE)

    assert publishing.notifier.notify(jobs[1])
    assert notified() == [jobs[1].id]
