"""The connection that publishes, against a real RabbitMQ."""

import asyncio
import itertools
import threading

import pika
import pytest
from dramatiq import Message
from pika.frame import decode_frame

from keepsake.memory.job_types import MEMORY_QUEUE
from middleware.broker import BrokerSettings, JobBroker
from middleware.publisher import publication_of, publish_frames

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture
def broker(rabbitmq):
    job_broker = JobBroker(BrokerSettings(), [], name="test")
    job_broker.declare_queue(MEMORY_QUEUE.name, ensure=True)
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        connection.channel().queue_purge(MEMORY_QUEUE.name)
    yield job_broker
    job_broker.close()


def message(number=0, **options):
    """A notification."""
    return Message(
        queue_name=MEMORY_QUEUE.name, actor_name="memory.ingest", args=(), options=options,
        kwargs={"job_id": f"job_{number}", "lane": "ü"}, message_id=f"job_{number}",
    )  # fmt: skip


def received():
    """The oldest message of the queue; none when it is empty."""
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        _, properties, body = connection.channel().basic_get(MEMORY_QUEUE.name, auto_ack=True)
        return (properties, body) if body else None


@pytest.mark.parametrize("trace", ["", TRACE])
def test_frames_are_those_that_pika_would_send(trace):
    body = b"x" * 9_000
    sent = publish_frames("a.queue", body, "job_1", "a.type", trace)

    frames = []
    while sent:
        taken, frame = decode_frame(sent)
        frames.append(frame)
        assert frame.marshal() == sent[:taken]
        sent = sent[taken:]
    method, header, *pieces = frames
    assert (method.method.routing_key, method.method.mandatory) == ("a.queue", True)
    assert header.properties.headers == ({"traceparent": trace} if trace else None)
    assert header.properties.delivery_mode == pika.DeliveryMode.Persistent.value
    assert b"".join(piece.fragment for piece in pieces) == body
    assert header.body_size == len(body)


def test_a_message_arrives_as_dramatiq_encodes_it(broker, eventually):
    sent = message(traceparent=TRACE)

    broker.enqueue(sent)

    properties, body = eventually(received)
    assert body == sent.encode()
    assert Message.decode(body) == sent
    assert (properties.message_id, properties.type) == ("job_0", "memory.ingest")
    assert (properties.app_id, properties.content_type) == ("keepsake", "application/json")
    assert properties.headers["traceparent"] == TRACE


def test_a_message_that_nobody_can_read_is_dropped_and_the_next_one_served(broker):
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        connection.channel().basic_publish("", MEMORY_QUEUE.name, b"no message")
    broker.enqueue(message(1))

    consumer = broker.consume(MEMORY_QUEUE.name, timeout=30_000)
    unread, read = next(consumer), next(consumer)
    consumer.ack(read)
    consumer.close()

    assert (unread, read.message_id) == (None, "job_1")
    assert received() is None


def test_a_queue_that_refuses_is_told_of_until_it_takes_messages_again(
    broker, eventually, monkeypatch
):
    # On a busy machine the probe that is refused no more would be repeated, and fill the queue.
    monkeypatch.setattr("middleware.broker._PROBE_SECONDS", 30)
    full = {"x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish"}
    confirmed = []
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        channel = connection.channel()
        channel.queue_declare("keepsake.full", durable=True, arguments=full)
        try:
            for number in itertools.count(1):
                sent = message(number).copy(queue_name="keepsake.full")
                broker.publish(sent, confirmed.append)
                eventually(lambda sent=number: len(confirmed) == sent)
                if not confirmed[-1]:
                    break
            refuses = broker.condition()
            channel.queue_purge("keepsake.full")
            eventually(lambda: broker.condition() == "ok")
            left = channel.queue_declare("keepsake.full", passive=True).method.message_count
        finally:
            channel.queue_delete("keepsake.full")

    assert (refuses, left) == ("unavailable", 1)
    assert broker.condition() == "ok"


def test_it_publishes_on_the_loop_that_it_is_given(broker):
    async def publish():
        loop = asyncio.get_running_loop()
        broker.publisher.run_on(loop)
        threads, settled = [], [loop.create_future() for _ in range(3)]
        for number, confirmed in enumerate(settled):

            def answered(answer, confirmed=confirmed):
                threads.append(threading.current_thread())
                confirmed.set_result(answer)

            broker.publisher.publish(publication_of(message(number), answered))
        answers = await asyncio.wait_for(asyncio.gather(*settled), 10)
        await asyncio.to_thread(broker.close)
        return answers, {*threads}

    assert asyncio.run(publish()) == ([True] * 3, {threading.current_thread()})


def test_what_is_published_after_closing_is_settled_at_once(broker):
    broker.enqueue(message())
    broker.close()
    heard = []

    broker.publisher.publish(publication_of(message(), heard.append))

    assert heard == [False]


def test_a_fault_while_sending_costs_the_connection_and_no_message(broker, monkeypatch):
    publisher, failures = broker.publisher, []

    def publish(settled):
        publisher.publish(publication_of(message(), settled))

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
    monkeypatch.undo()


def test_a_fault_before_there_is_a_connection_leaves_nothing_unanswered(broker, monkeypatch):
    heard, all_heard = [], threading.Event()

    def settled(confirmed):
        heard.append(confirmed)
        if len(heard) == 3:
            all_heard.set()

    def broken():
        raise RuntimeError("a fault of the driver")

    with monkeypatch.context() as context:
        context.setattr(broker.publisher, "_connect", broken)
        for number in range(3):
            broker.publisher.publish(publication_of(message(number), settled))
        assert all_heard.wait(10)

    assert heard == [False] * 3
    broker.enqueue(message())
