"""A proxy in the environment is asked nothing: it would connect to what was never checked."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from keepsake.inference.client import ask_endpoint
from keepsake.inference.model import LanguageModel
from keepsake.inference.settings import Endpoint, LlmSettings
from keepsake.outbound.errors import Forbidden
from keepsake.outbound.fetcher import Fetcher
from middleware.broker import BrokerSettings
from middleware.management import Management, ManagementSettings
from tests.integration.memory.model_server import ModelServer
from tests.integration.scanner.githost import GitHost

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture
def asked(monkeypatch):
    """What a proxy, which the environment names in every way, was asked."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def parse_request(self):
            good = super().parse_request()
            seen.append(self.requestline)
            return good

        def log_message(self, *_):
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in (*NAMES, *map(str.lower, NAMES)):
        monkeypatch.setenv(name, "http://{}:{}".format(*server.server_address))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield seen
    server.shutdown()
    server.server_close()


def test_git_goes_to_the_address_that_was_checked(scan, repo, asked):
    repo.commit({"a.py": "def a(): pass\n"})
    host = GitHost(repo.path.parent.parent)
    try:
        there = SimpleNamespace(url=f"{host.base}/acme/shop/.git")
        assert scan(there).stats["symbols"] == 1
    finally:
        host.close()

    assert host.asked > 1
    assert asked == []


def test_a_link_is_never_asked_of_a_proxy(asked):
    with pytest.raises(Forbidden):
        Fetcher(resolver=lambda _: ["127.0.0.1"]).fetch("https://chat.example/share")

    assert asked == []


def test_neither_are_language_models(asked):
    server = ModelServer()
    server.script = ["Hello."]
    endpoint = Endpoint(base_url=server.url, model="m")
    try:
        client = LanguageModel(LlmSettings())._client
        assert ask_endpoint(client, endpoint, {}, 10).text == "Hello."
    finally:
        server.stop()

    assert asked == []


def test_nor_is_rabbitmqs_console(rabbitmq, asked):
    settings = ManagementSettings(management_url=rabbitmq.management_url)

    Management(settings, BrokerSettings(amqp_url=rabbitmq.url)).queues()

    assert asked == []
