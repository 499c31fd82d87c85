"""The faults do to servers what they say, so that a sound run of chaos says something."""

import signal
import socket
import threading

import pika
import pytest
from pymongo.errors import ConnectionFailure

from chaos.proxy import Proxy
from chaos.servers import fill_mongod, filled
from keepsake.launcher.process import LOOPBACK
from middleware.broker import BrokerSettings


@pytest.fixture
def echoing():
    """A server that sends back what it gets from one client, and the client by way of a proxy."""
    with socket.create_server((LOOPBACK, 0)) as server:
        proxy = Proxy(server.getsockname()[1])
        proxy.start()

        def echo() -> None:
            connection, _ = server.accept()
            with connection:
                while received := connection.recv(100):
                    connection.sendall(received)

        thread = threading.Thread(target=echo)
        thread.start()
        with socket.create_connection((LOOPBACK, proxy.port), timeout=20) as client:
            yield proxy, client
        thread.join(20)
        proxy.stop()


def test_a_partition_closes_nothing_and_what_it_held_back_arrives_in_the_end(echoing):
    proxy, client = echoing
    client.sendall(b"before")
    assert client.recv(100) == b"before"

    proxy.partition()
    client.sendall(b"meanwhile")
    client.settimeout(0.5)
    with pytest.raises(TimeoutError):
        client.recv(100)
    proxy.heal()

    client.settimeout(20)
    assert client.recv(100) == b"meanwhile"


def test_rabbitmq_takes_nothing_from_publishers_while_its_disk_is_full(rabbitmq, eventually):
    said = []
    parameters = BrokerSettings().parameters("test")
    parameters.blocked_connection_timeout = None
    with pika.BlockingConnection(parameters) as connection:
        connection.add_on_connection_blocked_callback(lambda *_: said.append("blocked"))
        connection.add_on_connection_unblocked_callback(lambda *_: said.append("unblocked"))
        channel = connection.channel()

        def heard(word):
            channel.basic_publish("", "nowhere", b"")
            connection.process_data_events(0.1)
            return word in said

        with filled(rabbitmq):
            eventually(lambda: heard("blocked"), within=20)
            assert "unblocked" not in said
        eventually(lambda: heard("unblocked"), within=20)


def test_a_mongod_without_room_aborts_and_starts_with_all_that_it_acknowledged(mongod, database):
    kept, acknowledged = database["kept"], []
    filling = threading.Thread(target=fill_mongod, args=[mongod])
    filling.start()
    with pytest.raises(ConnectionFailure):
        while True:
            acknowledged.append(kept.insert_one({}).inserted_id)
    filling.join(60)
    ended = mongod.process.exit_code
    mongod.start()

    assert ended == -signal.SIGABRT
    assert set(acknowledged) <= {document["_id"] for document in kept.find()}


def test_a_proxy_holds_its_port_and_can_be_stopped_before_it_started():
    proxy = Proxy(1)

    with pytest.raises(OSError, match="in use"):
        socket.create_server((LOOPBACK, proxy.port))
    proxy.stop()
