"""A client of the service that `tests.adapters.served` has started, and what pages show."""

import contextlib
import importlib.util
import io
import os
import re
import uuid
from pathlib import Path

import pytest

if importlib.util.find_spec("mem0") is None:  # `make test` has none of the packages
    collect_ignore_glob = ["test_*.py"]

PAGES = Path(__file__).parents[2] / "docs" / "integrations"
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n?```\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="session")
def client():
    """A client of the service."""
    from keepsake_client import Keepsake

    with Keepsake() as opened:
        yield opened


@pytest.fixture
def user():
    """A user of whom nothing is remembered."""
    return f"user-{uuid.uuid4().hex}"


@pytest.fixture
def shown(client):
    """Runs what a page shows, and compares what it says; `…` is anything.

    The users of a page begin with its name.
    """

    def run(page: str) -> None:
        for known in client.users.list(prefix=page.removesuffix(".md")):
            client.users.erase(known.user_id)
        blocks = BLOCK.findall((PAGES / page).read_text())
        said, names = io.StringIO(), {}
        assert blocks
        with contextlib.redirect_stdout(said):
            for code, _ in blocks:
                exec(code, names)
        promised = "".join(promise for _, promise in blocks)
        expected = ".*".join(map(re.escape, promised.split("…")))
        assert re.fullmatch(expected, said.getvalue()), said.getvalue()

    assert os.environ["KEEPSAKE_URL"].startswith("http://127.0.0.1:")
    return run
