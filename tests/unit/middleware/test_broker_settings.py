"""Where RabbitMQ is: one node, or several."""

import socket
import threading

from pydantic import SecretStr

from keepsake.launcher.process import LOOPBACK, free_port
from middleware.broker import BrokerSettings, JobBroker

NODES = [
    "amqp://keepsake:semi;colon@one:5672/keepsake",
    "amqp://keepsake:hush@two:5673/keepsake",
    "amqps://keepsake:hush@three:5671/keepsake",
]


def settings(*urls: str) -> BrokerSettings:
    return BrokerSettings(amqp_url=SecretStr(";".join(urls)))


def test_one_url_is_one_node_whatever_its_password_holds():
    assert settings(NODES[0]).urls == NODES[:1]


def test_every_node_is_tried_with_the_same_timeouts():
    tried = settings(*NODES).nodes("test")

    assert {(node.host, node.port) for node in tried} == {
        ("one", 5672), ("two", 5673), ("three", 5671)
    }  # fmt: skip
    assert {node.socket_timeout for node in tried} == {3}
    assert {node.virtual_host for node in tried} == {"keepsake"}


def test_processes_spread_over_the_nodes():
    assert len({settings(*NODES).parameters("test").host for _ in range(100)}) == len(NODES)


def test_no_password_shows_in_the_settings():
    assert "hush" not in repr(settings(*NODES))


def test_a_worker_waits_for_a_rabbitmq_that_is_starting_and_not_for_ever():
    port = free_port()
    broker = JobBroker(
        settings(f"amqp://keepsake:hush@{LOOPBACK}:{port}/keepsake"), [], name="test"
    )
    waiting = threading.Thread(target=broker.await_server, args=(60,))
    waiting.start()
    broker.await_server(0)
    assert waiting.is_alive()

    with socket.create_server((LOOPBACK, port)):
        waiting.join(timeout=30)

    assert not waiting.is_alive()
