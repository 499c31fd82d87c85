"""What is dropped or deleted under running processes: they notice, and make it again."""

import httpx
import pika
import pytest

from keepsake.access.keys import KeyStore
from keepsake.jobs.states import State
from keepsake.launcher.administration import ensure_indexes
from keepsake.memory.job_types import MEMORY_QUEUE
from keepsake.parts import declared_indexes, job_types
from keepsake.storage.indexes import inspect_indexes
from keepsake.storage.mongo import MongoSettings, connect
from middleware.broker import BrokerSettings
from tests.faults.conftest import FAST

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


@pytest.fixture
def own(mongod):
    """A database that no other test has."""
    database = connect(MongoSettings(mongo_database="dropped_under"))
    yield database
    database.client.drop_database(database.name)
    database.client.close()


def test_after_a_drop_under_running_processes_all_promises_hold_again(
    own, empty_queues, web_server, fast_worker, eventually
):
    ensure_indexes(own)
    settings = {**FAST, "KEEPSAKE_MONGO_DATABASE": own.name}
    web, base_url = web_server(**settings)
    fast_worker(KEEPSAKE_MONGO_DATABASE=own.name)
    eventually(own["workers"].find_one, within=60)
    with httpx.Client(base_url=base_url, timeout=60) as client:

        def post(key, **headers):
            headers = {"Authorization": f"Bearer {key}", "Prefer": "wait=30", **headers}
            return client.post("/v2/memory/ingest", json=TURN, headers=headers)

        assert post(KeyStore(own).create("alice")).json()["status"] == "succeeded"
        own.client.drop_database(own.name)
        key = KeyStore(own).create("alice")

        declared = declared_indexes(job_types())
        eventually(
            lambda: {index.state for index in inspect_indexes(own, declared)} == {"present"},
            within=60,
        )

        first, again = (post(key, **{"Idempotency-Key": "k1"}) for _ in range(2))
        assert first.json()["status"] == "succeeded"
        assert first.json()["job_id"] == again.json()["job_id"]
        KeyStore(own).revoke(own["api_keys"].find_one()["_id"])
        eventually(lambda: post(key).status_code == 401, within=30)
    assert "Traceback" not in web.tail(500)


@pytest.mark.parametrize("queue", [MEMORY_QUEUE.name, MEMORY_QUEUE.overflow_name])
def test_a_queue_that_is_deleted_under_running_workers_is_there_again(
    post, probes, job, queue, eventually
):
    probes()
    assert job(post(do="steps"), State.SUCCEEDED)
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        connection.channel().queue_delete(queue)

    assert job(post(do="steps"), State.SUCCEEDED)
    eventually(lambda: _consumers(queue), within=40)


def _consumers(queue):
    """How many workers consume a queue; 0 too while it is not there."""
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        try:
            return connection.channel().queue_declare(queue, passive=True).method.consumer_count
        except pika.exceptions.ChannelClosedByBroker:
            return 0
