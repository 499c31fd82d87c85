"""What happens is posted though who follows it dies, and though MongoDB is away meanwhile."""

import json

import pytest

from keepsake.launcher.process import LOOPBACK
from keepsake.launcher.settings import vault_key
from keepsake.webhooks.job_types import DELIVER
from keepsake.webhooks.records import NewWebhook, Webhooks
from tests import tls_site

EACH = 8


@pytest.fixture
def receiver(tmp_path):
    """A server that keeps what is posted to it, and what a worker has to know to post there."""
    with tls_site.serving(tls_site.certificate(tmp_path, LOOPBACK)) as serving:
        serving.bodies = []

        def take(handler):
            serving.bodies.append(json.loads(handler.body))
            tls_site.page("", 204)(handler)

        serving.paths["/hook"] = take
        serving.url = f"https://{LOOPBACK}:{serving.server_port}/hook"
        serving.environment = {
            "KEEPSAKE_LINK_HOSTS": json.dumps([f"{LOOPBACK}:{serving.server_port}"]),
            "SSL_CERT_FILE": str(tmp_path / "server.pem"),
        }
        yield serving


@pytest.mark.drill
def test_each_event_is_delivered_though_a_follower_is_killed_and_mongodb_restarts(
    client, receiver, mongod, database, fast_worker, eventually, monkeypatch
):
    monkeypatch.setenv("KEEPSAKE_SECRET_KEY", vault_key())
    Webhooks(database).create(NewWebhook("alice", receiver.url, ["job.ended"]))
    workers = [fast_worker(**receiver.environment) for _ in range(2)]

    def post(begin):
        turns = [{"user_query": f"I like tea {n}.", "user_id": f"u{n}"}
                 for n in range(begin, begin + EACH)]  # fmt: skip
        return {client.post("/v2/memory/ingest", json=turn).json()["job_id"] for turn in turns}

    jobs = post(0)
    eventually(lambda: receiver.bodies, within=60)
    workers[0].kill()
    jobs |= post(EACH)
    mongod.kill()
    mongod.start()
    jobs |= post(2 * EACH)

    eventually(lambda: {body["data"]["job_id"] for body in receiver.bodies} == jobs, within=90)
    assert database["jobs"].count_documents({"type": DELIVER.name}) == len(jobs) == 3 * EACH
