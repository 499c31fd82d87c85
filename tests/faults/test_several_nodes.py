"""Several RabbitMQ nodes are named, and only some of them are up."""

import pytest
from pydantic import SecretStr

from chaos.proxy import Proxy
from chaos.servers import proxied
from keepsake.jobs.job import NewJob
from keepsake.jobs.states import State
from keepsake.memory.job_types import INGEST
from middleware.broker import BrokerSettings
from middleware.stack import publishing_stack

NODES = 3


@pytest.fixture
def nodes(rabbitmq):
    """Ways to RabbitMQ that can be cut one by one, as nodes of a cluster would be."""
    ways = [Proxy(rabbitmq.port) for _ in range(NODES)]
    for way in ways:
        way.start()
    named = {proxied(rabbitmq, way): way for way in ways}
    yield named
    for way in named.values():
        way.stop()


def test_publishers_and_workers_go_on_at_the_node_that_is_left(nodes, engine, probes, job):
    settings = BrokerSettings(amqp_url=SecretStr(";".join(nodes)))
    publishing = publishing_stack(engine, settings)
    probes(KEEPSAKE_AMQP_URL=";".join(nodes))

    def runs() -> None:
        fields = {"type": INGEST.name, "owner": "alice", "force": True}
        new = NewJob(payload={"do": "steps"}, **fields)
        accepted = engine.acceptance.accept(new).job
        assert publishing.notifier.notify(accepted)
        job(accepted.id, State.SUCCEEDED, within=60)

    runs()
    while len(nodes) > 1:
        nodes.popitem()[1].stop()
        runs()
    publishing.broker.close()
