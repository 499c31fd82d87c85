import pika
import pytest

from middleware.broker import BrokerSettings
from stack.rabbitmq_definitions import VHOST


@pytest.fixture
def channel(rabbitmq):
    connection = pika.BlockingConnection(BrokerSettings().parameters("test"))
    yield connection.channel()
    connection.close()


def test_mongod_is_a_journaled_replica_set(database):
    answer = database.client.admin.command("hello")

    assert (answer["setName"], answer["isWritablePrimary"]) == ("rs0", True)
    assert database.write_concern.document == {"w": "majority", "j": True, "wtimeout": 20_000}


def test_the_user_may_use_its_own_queues(channel):
    channel.queue_declare("keepsake.probe", durable=True)
    channel.confirm_delivery()
    channel.basic_publish("", "keepsake.probe", b"x", mandatory=True)

    assert channel.queue_delete("keepsake.probe").method.message_count == 1


@pytest.mark.parametrize("queue", ["other.queue", "keepsake"])
def test_the_user_may_not_declare_other_queues(channel, queue):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
        channel.queue_declare(queue)


def test_there_is_no_guest(rabbitmq):
    guest = pika.URLParameters(f"amqp://guest:guest@127.0.0.1:{rabbitmq.port}/{VHOST}")

    with pytest.raises(pika.exceptions.AMQPError):
        pika.BlockingConnection(guest)
