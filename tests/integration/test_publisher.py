"""The connection that publishes, against a real RabbitMQ."""

import threading

import pika
import pytest

from keepsake.memory.job_types import MEMORY_QUEUE
from middleware.broker import BrokerSettings, JobBroker
from middleware.publisher import Publication


@pytest.fixture
def broker(rabbitmq):
    job_broker = JobBroker(BrokerSettings(), [], name="test")
    job_broker.declare_queue(MEMORY_QUEUE.name)
    yield job_broker
    job_broker.close()


def test_a_message_that_cannot_be_sent_leaves_none_of_its_batch_unanswered(broker):
    publisher, heard, all_heard = broker.publisher, [], threading.Event()

    def publish(number, body):
        def settled(confirmed):
            heard.append((number, confirmed))
            if len(heard) == 3:
                all_heard.set()

        properties = pika.BasicProperties(message_id=str(number))
        publisher.publish(Publication(MEMORY_QUEUE.name, body, properties, settled))

    for number, body in enumerate((b"{}", object(), b"{}")):  # connecting takes longer than this
        publish(number, body)

    assert all_heard.wait(10)
    assert {number for number, _ in heard} == {0, 1, 2}
    assert (1, False) in heard
    heard.clear()
    all_heard.clear()
    for number in range(3):
        publish(number, b"{}")
    assert all_heard.wait(10)
    assert heard == [(0, True), (1, True), (2, True)]


def test_a_fault_while_sending_costs_the_connection_and_no_message(broker, monkeypatch):
    publisher, failures = broker.publisher, []

    def publish(settled):
        properties = pika.BasicProperties(message_id="1")
        publisher.publish(Publication(MEMORY_QUEUE.name, b"{}", properties, settled))

    def fail_once():
        if not failures:
            failures.append(True)
            raise RuntimeError("a fault of the loop")

    first, last = threading.Event(), threading.Event()
    publish(lambda confirmed: confirmed and first.set())
    assert first.wait(10)
    monkeypatch.setattr(publisher, "_hang_up_if_done", fail_once)
    publish(lambda _: publish(lambda again: again and last.set()))

    assert last.wait(10)
    assert failures
