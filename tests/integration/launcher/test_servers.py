import re

import httpx
import pika
import pytest
from pymongo import MongoClient

from keepsake.launcher import LauncherSettings, open_database
from keepsake.launcher.components import require_amqp
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import CannotStart, Process, free_port, until
from keepsake.launcher.rabbitmq import RABBITMQ_VHOST, RabbitMQ
from middleware.broker import BrokerSettings, JobBroker


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


def test_people_see_figures_and_read_purge_and_change_nothing(rabbitmq, channel):
    channel.queue_declare("keepsake.probe", durable=True)
    channel.confirm_delivery()
    channel.basic_publish("", "keepsake.probe", b"x", mandatory=True)
    api, queue = rabbitmq.management_url, "/api/queues/keepsake/keepsake.probe"
    publish = {"routing_key": "keepsake.probe", "payload": "x", "payload_encoding": "string"}
    acts = [
        ("POST", f"{queue}/get", {"count": 1, "ackmode": "ack_requeue_false", "encoding": "auto"}),
        ("POST", "/api/exchanges/keepsake/amq.default/publish", {"properties": {}, **publish}),
        ("DELETE", f"{queue}/contents", None),
        ("DELETE", queue, None),
        ("PUT", "/api/queues/keepsake/keepsake.new", {"durable": True}),
        ("PUT", "/api/policies/keepsake/short", {"pattern": "", "definition": {"max-length": 1}}),
    ]

    with httpx.Client(timeout=30) as client:
        seen = client.get(f"{api}{queue}")
        answers = [client.request(method, api + path, json=body) for method, path, body in acts]

    assert (seen.status_code, seen.json()["name"]) == (200, "keepsake.probe")
    refused = [
        re.search("refused|not authorised", answer.text, re.IGNORECASE) for answer in answers
    ]
    assert all(refused), [answer.text for answer in answers]
    assert channel.queue_delete("keepsake.probe").method.message_count == 1


def test_queues_are_the_same_as_those_of_versions_with_dead_letter_queues(channel):
    queue, dead_letters = "keepsake.probe", "keepsake.probe.XQ"
    before = {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_letters,
        "x-queue-type": "quorum",
    }
    broker = JobBroker(BrokerSettings(), [], name="test")

    def ours():
        broker.queues_pending.add(queue)
        broker.declare_queue(queue, ensure=True)

    def theirs():
        channel.queue_declare(queue, durable=True, arguments=before)

    for declares in ((theirs, ours), (ours, theirs)):
        for declare in declares:
            declare()
        channel.queue_delete(queue)
    broker.close()

    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="NOT_FOUND"):
        channel.queue_declare(dead_letters, passive=True)


def test_there_is_no_guest(rabbitmq):
    guest = pika.URLParameters(f"amqp://guest:guest@127.0.0.1:{rabbitmq.port}/{RABBITMQ_VHOST}")

    with pytest.raises(pika.exceptions.AMQPError):
        pika.BlockingConnection(guest)


def test_mongod_keeps_its_data_when_its_port_changes(tmp_path):
    for port in (free_port(), free_port()):
        server = Mongod(tmp_path, port)
        try:
            server.start()
            with MongoClient(server.url) as client:
                client.kept.ports.insert_one({"port": port})
                kept = client.kept.ports.count_documents({})
        finally:
            server.kill()

    assert kept == 2


def test_rabbitmq_starts_anew_when_its_data_cannot_be_read(tmp_path):
    broken = tmp_path / "mnesia" / f"keepsake-{(port := free_port())}@localhost"
    broken.mkdir(parents=True)
    (broken / "schema.DAT").write_bytes(b"torn")
    server = RabbitMQ(tmp_path, port, free_port())
    try:
        server.start()

        require_amqp(BrokerSettings(amqp_url=server.url))
    finally:
        server.kill()


def test_a_mongod_that_is_no_replica_set_is_refused(tmp_path):
    port = free_port()
    command = [argument for argument in Mongod(tmp_path, port).command
               if argument not in ("--replSet", "rs0")]  # fmt: skip
    alone = Process("mongod", command, log=tmp_path / "mongod.log")
    (tmp_path / "data").mkdir()
    alone.start()
    try:
        until(lambda: "Waiting for connections" in alone.tail(50), alone, within_seconds=30)

        with pytest.raises(CannotStart, match="no replica set"):
            open_database(
                LauncherSettings(mongo_url=f"mongodb://127.0.0.1:{port}/?directConnection=true")
            )
    finally:
        alone.kill()
