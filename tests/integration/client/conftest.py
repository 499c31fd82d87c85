"""Clients of a real server with a real worker, which may scan what is on this machine."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from inspect import iscoroutine
from typing import Any
from uuid import uuid4

import pytest

from keepsake.access.keys import KeyStore
from keepsake.jobs import NewJob
from keepsake.jobs.engine import Engine
from keepsake.memory import INGEST, MemoryScope
from keepsake.parts import job_types
from keepsake_client import AsyncKeepsake, Keepsake
from tests.conftest import started_web, started_worker
from tests.integration.scanner.gitrepo import GitRepo
from tests.integration.web.conftest import KEY
from web.memory.turns import lane_of


@pytest.fixture(scope="session")
def allowed(directory):
    return {
        "KEEPSAKE_SCAN_PROTOCOLS": '["file", "http", "https"]',
        "KEEPSAKE_SCAN_CACHE_PATH": str(directory / "client-mirrors"),
        "KEEPSAKE_SECRET_KEY": KEY,
    }


@pytest.fixture(scope="session")
def service(rabbitmq, mongod, directory, allowed):
    """The base URL of a server."""
    process, base_url = started_web(directory / "client-web.log", **allowed)
    yield base_url
    process.stop(grace_seconds=5)


@pytest.fixture(scope="module")
def worker_of_module(rabbitmq, mongod, directory, allowed):
    process = started_worker(directory / "client-worker.log", **allowed)
    yield process
    process.kill()


@pytest.fixture
def key(with_indexes):
    """Makes API keys."""
    return KeyStore(with_indexes).create


@pytest.fixture
def engine(database):
    return Engine.over(database, job_types())


@pytest.fixture
def busy(engine):
    """Pauses a first job of a user's lane, so that all later ones wait.

    No worker is told of it, and there is none before it whose end would lead to it. It comes to the
    lane when it is paused: a notification of the test before may still lead a worker there.
    """

    def pause(owner: str, user_id: str) -> None:
        payload = {"user_query": "I like sun.", "user_id": user_id}
        new = NewJob(type=INGEST.name, owner=owner, payload=payload, lane=uuid4().hex)
        job = engine.control.pause(owner, engine.acceptance.accept(new).job.id, by=owner)
        lane = lane_of(MemoryScope(owner, user_id))
        placed = {"$set": {"lane": lane, "open_lane": lane}}
        engine.records.jobs.update_one({"_id": job.id}, placed)

    return pause


@pytest.fixture
def dead(engine):
    """Makes a turn of ann's that was given up; the id of its job.

    Its lane is its own, to which no notification of the test before can lead a worker.
    """

    def bury(said: str) -> str:
        payload, lane = {"user_query": said, "user_id": "eve"}, uuid4().hex
        accepted = engine.acceptance.accept(
            NewJob(type=INGEST.name, owner="ann", payload=payload, lane=lane)
        )
        claim = engine.claims.claim(lane, "w1")
        engine.dead_letters.give_up(claim, {"kind": "permanent", "message": "no use"})
        return accepted.job.id

    return bury


@pytest.fixture
def clients(service, key):
    """Makes clients that block, by owner."""
    opened: list[Keepsake] = []

    def make(owner: str = "ann", base_url: str = service, **options: Any) -> Keepsake:
        role = options.pop("role", "owner")
        opened.append(Keepsake(base_url, key(owner, role=role), **options))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def client(clients, worker_of_module):
    return clients()


@pytest.fixture
def repo(tmp_path):
    repository = GitRepo(tmp_path / "acme" / "shop")
    repository.commit({
        "app/shop.py": "import os\n\nclass Shop:\n    def sell(self):\n        return price()\n",
        "app/price.py": 'def price():\n    """What a thing costs."""\n    return 1\n',
        "README.md": "# Shop\n\nHow to buy.\n",
    })  # fmt: skip
    return repository


class Driven:
    """An asynchronous client whose calls a test's loop ends, so that both are used alike."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._loop = asyncio.Runner()
        self.client = AsyncKeepsake(*arguments, **options)

    def settled(self, given: Any) -> Any:
        """What a call gives at last."""
        if iscoroutine(given):
            return self._loop.run(given)
        return self._iterated(given) if isinstance(given, AsyncIterator) else given

    def close(self) -> None:
        """Close the client and its loop."""
        self._loop.run(self.client.close())
        self._loop.close()

    def _iterated(self, source: Any) -> Iterator[Any]:
        over = object()

        async def following() -> Any:
            return await anext(source, over)

        while (thing := self._loop.run(following())) is not over:
            yield thing
