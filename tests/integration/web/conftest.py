import httpx
import pytest

from access.keys import KeyStore
from stack.indexes import ensure_all


@pytest.fixture
def clients(database, shared_web):
    """Clients of the shared server, by owner."""
    ensure_all(database)
    keys = KeyStore(database)
    opened: list[httpx.Client] = []

    def as_owner(owner: str | None, **options) -> httpx.Client:
        headers = {"Authorization": f"Bearer {keys.create(owner, **options)}"} if owner else {}
        client = httpx.Client(base_url=shared_web, headers=headers, timeout=30)
        opened.append(client)
        return client

    yield as_owner
    for client in opened:
        client.close()


@pytest.fixture
def alice(clients):
    return clients("alice")
