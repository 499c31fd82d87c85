import httpx
import pytest

from access.keys import KeyStore
from jobs.engine import Engine
from stack.indexes import ensure_all
from tests.integration.web.documented import document


@pytest.fixture
def clients(database, shared_web):
    """Clients of the shared server, by owner; each answer is held against its document."""
    ensure_all(database)
    keys = KeyStore(database)
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
    return Engine.over(database)


@pytest.fixture
def dead(engine):
    """Runs a posted job, at the head of its lane, into its dead letter."""

    def bury(job):
        lane = engine.records.jobs.find_one({"_id": job["job_id"]})["lane"]
        claim = engine.claims.claim(lane, "w1")
        assert claim.job.id == job["job_id"]
        engine.dead_letters.give_up(claim, {"kind": "permanent", "message": "no use"})

    return bury
