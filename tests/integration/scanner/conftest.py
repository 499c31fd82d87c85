"""A scanner on the run's mongod, with its own mirrors and parsers."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from keepsake.scanner.models import ScanRequest, ScanResult
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.search.service import CodeSearch
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.stages import ScanTools
from keepsake.storage.mongo import Unfenced
from tests.integration.scanner.gitrepo import GitRepo
from tests.integration.scanner.shop import FILES


@pytest.fixture
def repo(tmp_path) -> GitRepo:
    return GitRepo(tmp_path / "acme" / "shop")


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch):
    """No search is cut short: other tests run beside."""
    for module in ("text_search", "text_answers", "passages", "everywhere"):
        monkeypatch.setattr(f"keepsake.scanner.search.{module}._SECONDS", 60)


@pytest.fixture(scope="session")
def _parsers():
    pool = ParserPool(ScannerSettings())
    yield pool
    pool.close()


@pytest.fixture
def tools(database, tmp_path, _parsers, monkeypatch) -> ScanTools:
    monkeypatch.setattr("keepsake.scanner.stages.fetching.BATCH_ROWS", 3)
    settings = ScannerSettings(
        scan_cache_path=tmp_path / "mirrors",
        scan_protocols=frozenset({"file", "http"}),
        scan_private_hosts=True,
        scan_batch_files=2,
    )
    return ScanTools(database, settings, _parsers)


@pytest.fixture
def scan(tools) -> Callable[..., ScanResult]:
    """Scan a repository to the end and give the result."""

    def run(repo, owner="ann", token=None, settings=None, parsers=None, **request) -> ScanResult:
        settings, parsers = settings or tools.settings, parsers or tools.parsers
        used = replace(tools, settings=settings, parsers=parsers)
        running = Scan(
            used, owner, ScanRequest(url=repo.url, **request), fence=Unfenced(), token=token
        )
        for _ in running.steps():
            pass
        return running.result

    return run


@pytest.fixture
def search(database, scan, repo) -> CodeSearch:
    """Searches over a scanned shop."""
    repo.commit(FILES)
    scan(repo)
    return CodeSearch(database)
