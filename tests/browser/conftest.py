"""A real server, its worker, and Chromium; `make browser` has what drives it.

Each page is looked at in light and dark and at the width of a small telephone (`pages.py`). What a
page does is tried beside it, a file for each section.
"""

import importlib.util
import re
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from keepsake.access.keys import ALL_SCOPES, CONTENT, KeyStore, Role
from keepsake.jobs.engine import Engine
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.settings import vault_key
from keepsake.parts import job_types
from tests.browser import stored
from tests.conftest import started_web, started_worker
from tests.integration.scanner.githost import GitHost

if importlib.util.find_spec("playwright") is None:  # `make test` has none
    collect_ignore_glob = ["test_*.py"]

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_REFUSED = re.compile("Content Security Policy|Refused to|Uncaught")
ROLES = {
    "root": {"role": Role.OPERATOR, "scopes": [*ALL_SCOPES, CONTENT]},
    "otto": {"role": Role.OPERATOR_READ_ONLY},
}
"""Who is more than an owner, by name."""


@pytest.fixture(scope="session")
def environment(directory):
    """Of a server that may scan what is on this machine, and keeps secrets of webhooks."""
    return {
        "KEEPSAKE_SCAN_PROTOCOLS": '["http"]',
        "KEEPSAKE_SCAN_PRIVATE_HOSTS": "true",
        "KEEPSAKE_SCAN_CACHE_PATH": str(directory / "mirrors"),
        "KEEPSAKE_SECRET_KEY": vault_key(),
    }


@pytest.fixture(scope="session")
def base_url(rabbitmq, _connected, directory, environment):
    ensure_indexes(_connected)
    web, base_url = started_web(directory / "web.log", **environment)
    worker = started_worker(directory / "worker.log", **environment)
    yield base_url
    worker.kill()
    web.stop(grace_seconds=5)


@pytest.fixture(scope="session")
def keys(_connected):
    """Makes keys; the same one for the same owner."""
    made: dict[str, str] = {}
    store = KeyStore(_connected)

    def key(owner: str) -> str:
        if owner not in made:
            made[owner] = store.create(owner, **ROLES.get(owner, {}))
        return made[owner]

    return key


@pytest.fixture(scope="session")
def api(base_url, keys):
    """Clients of the API, by owner."""
    opened: dict[str, httpx.Client] = {}

    def client(owner: str) -> httpx.Client:
        if owner not in opened:
            headers = {"Authorization": f"Bearer {keys(owner)}"}
            opened[owner] = httpx.Client(base_url=base_url, headers=headers, timeout=30)
        return opened[owner]

    yield client
    for client in opened.values():
        client.close()


@pytest.fixture(scope="session")
def engine(_connected):
    return Engine.over(_connected, job_types())


@pytest.fixture(scope="session")
def there(api, engine, directory):
    """What is stored for the pages that are looked at: names of things by what they are."""
    host = GitHost(directory / "hosted")
    yield stored.everything(api, engine, host)
    host.close()


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox"],  # which needs more rights than a container has
        )
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, base_url):
    """Opens windows; a script, style or request that the policy refused fails the test."""
    contexts, refused = [], []

    def window(**options):
        contexts.append(chromium.new_context(base_url=base_url, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: refused.append(said.text) if _REFUSED.search(said.text)
                else None)  # fmt: skip
        page.on("pageerror", lambda error: refused.append(str(error)))
        return page

    yield window
    for context in contexts:
        context.close()
    assert refused == []


@pytest.fixture
def signed_in(opened, keys):
    """Opens a window as an owner, and a page in it."""

    def window(owner: str, path: str = "/console/", **options):
        page = opened(**options)
        page.goto(f"/console/sign-in?next={quote(path)}")
        page.get_by_label("API key").fill(keys(owner))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    return window
