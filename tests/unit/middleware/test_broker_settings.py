"""Where RabbitMQ is: one node, or several."""

from pydantic import SecretStr

from middleware.broker import BrokerSettings

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
