"""A receiver of webhooks on this machine, and webhooks of alice's that lead to it."""

import base64
import json
import ssl
import threading

import pytest

from keepsake.outbound.fetcher import FetchBounds, Fetcher
from keepsake.webhooks import delivery
from keepsake.webhooks.job_types import DELIVER
from keepsake.webhooks.records import NewWebhook, Webhooks
from tests import tls_site

HOST = "hooks.example.org"
URL = f"https://{HOST}/keepsake"
TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


class Receiver:
    """A server of an owner's: it keeps what it took, and refuses for as long as it is told to."""

    def __init__(self) -> None:
        self.status, self.taken, self.refused = 204, [], 0
        self.headers: dict[str, str] = {}
        self.asked = self.most_at_once = 0
        self._may_go_on, self._counting = threading.Event(), threading.Lock()
        self._may_go_on.set()

    def hold(self) -> None:
        """Answer nobody from now on."""
        self._may_go_on.clear()

    def go_on(self) -> None:
        """Answer those who wait."""
        self._may_go_on.set()

    def __call__(self, handler) -> None:
        with self._counting:
            self.asked += 1
            self.most_at_once = max(self.most_at_once, self.asked)
        self._may_go_on.wait(timeout=60)
        with self._counting:
            self.asked -= 1
        self._answer(handler)

    def _answer(self, handler) -> None:
        if self.status == 204:
            self.taken.append((dict(handler.headers), handler.body))
        else:
            self.refused += 1
        tls_site.page("", self.status, **self.headers)(handler)

    def events(self, name):
        """The data of what it took, of one event."""
        bodies = [json.loads(body) for _, body in self.taken]
        return [body["data"] for body in bodies if body["type"] == name]


@pytest.fixture(autouse=True)
def _vault(monkeypatch):
    monkeypatch.setenv("KEEPSAKE_SECRET_KEY", base64.b64encode(bytes(32)).decode())


@pytest.fixture
def receiver(broker, tmp_path, monkeypatch):
    with tls_site.serving(tls_site.certificate(tmp_path, HOST)) as serving:
        tls = ssl.create_default_context(cafile=tmp_path / "server.pem")
        fetcher = Fetcher(
            FetchBounds(seconds=30), resolver=lambda _: ["127.0.0.1"], allowed=lambda _: True,
            trusted=frozenset(), tls=tls, port=serving.server_port,
        )  # fmt: skip
        monkeypatch.setattr(delivery, "_fetcher", lambda _: fetcher)
        receiver = Receiver()
        serving.paths["/keepsake"] = receiver
        yield receiver


@pytest.fixture
def webhooks(database):
    return Webhooks(database)


@pytest.fixture
def subscribed(webhooks, receiver):
    """A webhook of alice's, and its secret."""

    def subscribe(*events, owner="alice"):
        webhook, secret = webhooks.create(NewWebhook(owner, URL, events))
        return webhook, secret.get_secret_value()

    return subscribe


@pytest.fixture
def delivered(engine, database):
    """The deliveries that were made jobs, of webhooks of this test: others may come late."""

    def find():
        whose = {"$in": database["webhooks"].distinct("_id")}
        return list(engine.records.jobs.find({"type": DELIVER.name, "payload.webhook_id": whose}))

    return find
