import signal

import httpx
import pika
import pytest

from keepsake.access.keys import KeyStore
from keepsake.jobs.engine import Engine
from keepsake.parts import job_types
from middleware.broker import BrokerSettings
from tests.conftest import started_web, started_worker
from tests.integration.scanner.gitrepo import GitRepo
from tests.integration.web.documented import document

KEY = "a2V5" * 10 + "a2U="


@pytest.fixture
def clients(with_indexes, shared_web):
    """Clients of the shared server, by owner; each answer is held against its document."""
    keys = KeyStore(with_indexes)
    documented = document(shared_web)
    opened: list[httpx.Client] = []

    def as_owner(owner: str | None, **options) -> httpx.Client:
        headers = {"Authorization": f"Bearer {keys.create(owner, **options)}"} if owner else {}
        client = httpx.Client(
            base_url=shared_web,
            headers=headers,
            timeout=30,
            event_hooks={"response": [documented.check]},
        )
        opened.append(client)
        return client

    yield as_owner
    for client in opened:
        client.close()


@pytest.fixture
def alice(clients):
    return clients("alice")


@pytest.fixture
def engine(database):
    return Engine.over(database, job_types())


@pytest.fixture
def dead(engine):
    """Runs a posted job, at the head of its lane, into its dead letter."""

    def bury(job, **error):
        lane = engine.records.jobs.find_one({"_id": job["job_id"]})["lane"]
        claim = engine.claims.claim(lane, "w1")
        assert claim.job.id == job["job_id"]
        engine.dead_letters.give_up(claim, {"kind": "permanent", "message": "no use", **error})

    return bury


@pytest.fixture
def standing_worker(worker, eventually):
    """A worker that consumes both queues of memory, and stands still until it is let go.

    One that only starts may take from one of them for a while before it consumes the other.
    """

    def consumed(connection, name):
        try:
            with connection.channel() as channel:
                return channel.queue_declare(name, passive=True).method.consumer_count > 0
        except pika.exceptions.ChannelClosedByBroker:  # nobody has declared it yet
            return False

    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:

        def all_consumed():
            queues = ("keepsake.memory", "keepsake.memory.overflow")
            return {consumed(connection, name) for name in queues}

        eventually(lambda: all_consumed() == {False})  # those of the test before are gone
        process = worker()
        eventually(lambda: all_consumed() == {True}, within=60)
    process.signal(signal.SIGSTOP)
    return lambda: process.signal(signal.SIGCONT)


@pytest.fixture
def repo(tmp_path):
    repository = GitRepo(tmp_path / "acme" / "shop")
    repository.commit({
        "app/shop.py": "import os\n\nclass Shop:\n    def sell(self):\n        return price()\n",
        "app/price.py": 'def price():\n    """What a thing costs."""\n    return 1\n',
        "README.md": "# Shop\n\nHow to buy.\n",
    })  # fmt: skip
    return repository


@pytest.fixture(scope="session")
def allowed(directory):
    return {
        "KEEPSAKE_SCAN_PROTOCOLS": '["file", "http", "https"]',
        "KEEPSAKE_SCAN_PRIVATE_HOSTS": "true",
        "KEEPSAKE_SCAN_CACHE_PATH": str(directory / "mirrors"),
        "KEEPSAKE_SECRET_KEY": KEY,
    }


@pytest.fixture(scope="session")
def scanning_web(rabbitmq, mongod, directory, allowed):
    """The base URL of a server that may scan what is on this machine."""
    process, base_url = started_web(directory / "scanning-web.log", **allowed)
    yield base_url
    process.stop(grace_seconds=5)


@pytest.fixture(scope="module")
def scan_worker(rabbitmq, mongod, directory, allowed):
    """A worker for the scans of one module."""
    process = started_worker(directory / "scan-worker.log", queues="keepsake.scanner", **allowed)
    yield
    process.kill()


@pytest.fixture
def scanners(clients, scanning_web):
    """Clients of that server, by owner."""

    def as_owner(owner, **options):
        client = clients(owner, **options)
        client.base_url = scanning_web
        return client

    return as_owner


@pytest.fixture
def ann(scanners):
    return scanners("ann")


@pytest.fixture
def scanned(ann, scan_worker, repo):
    """Scans a repository to its end."""

    def scan(**body):
        answer = ann.post(
            "/v2/scanner/scans", json={"url": repo.url, **body}, headers={"Prefer": "wait=30"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    return scan
