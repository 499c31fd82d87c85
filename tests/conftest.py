"""One RabbitMQ and one mongod per run, started when a test first asks for them."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from ssl import SSLContext

import httpx
import pymongo
import pytest
from hypothesis import HealthCheck, settings
from pymongo.errors import PyMongoError

from keepsake.launcher import process as processes
from keepsake.launcher.environment import SteppedClock
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import LOOPBACK, CannotStart, Process, free_port, until
from keepsake.launcher.rabbitmq import RabbitMQ
from keepsake.storage.mongo import MongoSettings, connect
from tests.emptying import Emptying

ROOT = Path(__file__).parents[1]
os.environ.setdefault("KEEPSAKE_EMBEDDING_MODEL", "all-MiniLM-L6-v2")
"""Quicker to load than the default, in each of many processes; tests of the other one name it."""
os.environ.setdefault("KEEPSAKE_WORKER_WARM_UP", "never")
"""A test's worker takes few jobs, and most of them need no model."""


_NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
processes._SERVERS = processes._SERVERS[_NUMBER::_PROCESSES]
"""A port that one process of a run has drawn, and uses a moment later, no other one draws."""


@cache
def _context(_certificates: str, verify: bool | SSLContext, trust_env: bool) -> SSLContext:
    return httpx.create_ssl_context(verify, trust_env=trust_env)


def _context_once(verify=True, cert=None, trust_env=True) -> SSLContext:
    """As httpx makes it for each client: to read all certificates of the system takes 25 ms."""
    assert cert is None
    return _context(os.environ.get("SSL_CERT_FILE", ""), verify, trust_env)


httpx._transports.default.create_ssl_context = _context_once

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # other tests run beside: none is about how long an example takes


@pytest.fixture(scope="session")
def directory(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session", autouse=True)
def _data_directory(directory) -> None:
    """What tests start keeps nothing in this folder."""
    os.environ["KEEPSAKE_DATA_DIR"] = str(directory / "data")


@pytest.fixture(scope="session")
def mongod(directory) -> Iterator[Mongod]:
    server = Mongod(directory / "mongo", free_port())
    server.start()
    os.environ["KEEPSAKE_MONGO_URL"] = server.url
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq(directory) -> Iterator[RabbitMQ]:
    server = RabbitMQ(directory / "rabbitmq", free_port(), free_port())
    server.start()
    os.environ["KEEPSAKE_AMQP_URL"] = server.url
    os.environ["KEEPSAKE_MANAGEMENT_URL"] = server.management_url
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _connected(mongod):
    database = connect(MongoSettings())
    yield database
    database.client.close()


@pytest.fixture(scope="session")
def emptying(_connected) -> Emptying:
    return Emptying(_connected)


@pytest.fixture
def database(_connected, emptying):
    """The run's database, emptied."""
    emptying.empty()
    return _connected


@pytest.fixture
def with_indexes(database, emptying):
    """The same, with all indexes."""
    emptying.index()
    return database


@pytest.fixture(scope="module")
def _stepped(tmp_path_factory):
    directory = tmp_path_factory.mktemp("stepped")
    clock = SteppedClock(directory / "clock")
    server = Mongod(directory, free_port())
    server.process.environment = clock.environment
    server.start()
    database = connect(MongoSettings(mongo_url=server.url))

    def ahead() -> float:
        shown: datetime = database.command("hello")["localTime"]
        return (shown.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()

    def step(seconds: float) -> None:
        database["steps"].insert_one({"seconds": seconds})
        clock.step(seconds)
        pause, deadline = threading.Event(), time.monotonic() + 20
        while abs(ahead() - seconds) > 1:
            assert time.monotonic() < deadline
            pause.wait(0.05)
        try:
            with pymongo.timeout(5):
                database["steps"].insert_one({"seconds": seconds})
        except PyMongoError:
            server.kill()
            server.start()

    yield database, step
    database.client.close()
    server.kill()


@pytest.fixture
def stepped(_stepped):
    """A database of a test's own, and what steps its wall clock; it is right again afterwards.

    Some waits of mongod end at a time of its wall clock. When the clock steps back in the midst of
    such a wait, mongod stands still; it is started again, as a primary would be replaced. That is
    rare after a write that reached the journal.
    """
    database, step = _stepped
    for name in database.list_collection_names():
        database[name].delete_many({})
    yield database, step
    step(0)


@pytest.fixture
def eventually():
    """Poll a condition until it holds; what it returned is returned."""

    def poll(condition, within=10):
        pause, deadline = threading.Event(), time.monotonic() + within
        while not (value := condition()):
            assert time.monotonic() < deadline, f"not within {within} s: {condition}"
            pause.wait(0.02)
        return value

    return poll


def started_worker(log: Path, module="actors", threads=4, queues="", **environment: str) -> Process:
    """A real worker process."""
    process = Process(
        "worker",
        [sys.executable, "-m", "middleware.work", module, "--processes", "1",
         "--threads", str(threads), *(["--queues", queues] if queues else [])],
        log=log,
        environment={**os.environ, **environment},
        directory=ROOT,
    )  # fmt: skip
    process.start()
    return process


@pytest.fixture
def worker(rabbitmq, mongod, tmp_path):
    """Starts real `dramatiq` workers; what is left of them is killed."""
    started: list[Process] = []

    def start(module="actors", threads=4, queues="", **environment: str) -> Process:
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(started_worker(log, module, threads, queues, **environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def started_web(log: Path, module="web", **environment: str) -> tuple[Process, str]:
    """A real web server on a free port, and its base URL. module: what is run in its place."""
    port = free_port()
    process = Process(
        "web",
        [sys.executable, "-m", module],
        log=log,
        environment={**os.environ, "KEEPSAKE_HTTP_PORT": str(port), **environment},
        directory=ROOT,
    )
    process.start()
    try:
        until(lambda: "web.serving" in process.tail(1_000), process, within_seconds=90)
    except CannotStart:
        process.kill()
        raise
    return process, f"http://{LOOPBACK}:{port}"


@pytest.fixture
def web_server(rabbitmq, mongod, tmp_path):
    """Starts web servers with settings of a test's own."""
    started: list[Process] = []

    def start(module="web", **environment: str) -> tuple[Process, str]:
        log = tmp_path / f"web-{len(started)}.log"
        process, base_url = started_web(log, module, **environment)
        started.append(process)
        return process, base_url

    yield start
    for process in started:
        process.stop(grace_seconds=5)


@pytest.fixture(scope="session")
def shared_server(rabbitmq, mongod, directory) -> Iterator[tuple[Process, str]]:
    """One web server that tests share, and its base URL."""
    process, base_url = started_web(directory / "web.log")
    yield process, base_url
    process.stop(grace_seconds=5)


@pytest.fixture(scope="session")
def shared_web(shared_server) -> str:
    """The base URL of that server."""
    return shared_server[1]
