"""No other owner's repository exists, unless it is shared: every route that names one, walked."""

from contextlib import closing

import pytest

from keepsake.scanner.models import ScanRequest
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.stages import ScanTools
from keepsake.storage.mongo import Unfenced
from tests.integration.web import routes
from tests.integration.web.scoping import answers, questions

ROUTES = [(method, path) for method, path, _ in routes.ROUTES if "{org}/{repo}" in path]
KEPT = (".code_repositories", ".code_indexes")


@pytest.fixture
def repositories(database, repo, tmp_path):
    """What ann has scanned, and a name that nobody has.

    No worker scans: it would go on and ask MongoDB for repositories now and then.
    """
    settings = ScannerSettings(scan_cache_path=tmp_path / "cache", scan_protocols={"file"})
    with closing(ParserPool(settings)) as parsers:
        tools = ScanTools(database, settings, parsers)
        for _ in Scan(tools, "ann", ScanRequest(url=repo.url), fence=Unfenced()).steps():
            pass
    return {"org": "acme", "repo": "shop"}, {"org": "acme", "repo": "shed"}


@pytest.fixture
def bob(scanners):
    client = scanners("bob")
    client.get("/v1/jobs")  # his key and his rate are known to the process from now on
    return client


def test_anothers_repository_and_none_cannot_be_told_apart(bob, repositories):
    foreign, unknown = (answers(bob, ROUTES, names) for names in repositories)

    assert len(foreign) > 8
    assert {route for route, answer in foreign.items() if answer[0] != 404} == set()
    assert foreign == unknown


def test_both_cost_the_same_questions_to_mongodb(bob, repositories, database):
    asked = [questions(database, bob, ROUTES, names, KEPT) for names in repositories]

    assert asked[0]
    assert asked[0] == asked[1]
