"""A scan that is running stops where it was asked to, and goes on from there."""

import threading

import pytest

from keepsake.jobs.states import State
from keepsake.parts import job_types
from keepsake.scanner import work
from keepsake.scanner.job_types import SCAN
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.stages import ScanTools
from middleware.notifier import Notifier
from tests.integration.scanner.gitrepo import GitRepo

FILES, GATE = 12, 4


class GatedParsers(ParserPool):
    """Counts what is parsed, and waits before one of the files until the gate is open."""

    def __init__(self, settings: ScannerSettings) -> None:
        super().__init__(settings)
        self.parsed = 0
        self.reached, self.open = threading.Event(), threading.Event()

    def parse(self, blobs):
        self.parsed += len(blobs)
        if self.parsed == GATE:
            self.reached.set()
            assert self.open.wait(60)
        return super().parse(blobs)


@pytest.fixture
def parsers(broker, database, tmp_path, monkeypatch):
    settings = ScannerSettings(
        scan_cache_path=tmp_path / "mirrors", scan_protocols=frozenset({"file"}),
        scan_batch_files=1, scan_parsers=1,
    )  # fmt: skip
    pool = GatedParsers(settings)
    monkeypatch.setattr(
        work, "_tools", lambda resources: ScanTools(resources.database, settings, pool)
    )
    yield pool
    pool.open.set()
    pool.close()


@pytest.fixture
def running(parsers, enqueue, tmp_path):
    """A scan in the middle of its files."""
    repo = GitRepo(tmp_path / "acme" / "shop")
    repo.commit({f"m{n}.py": f"def f{n}(): pass\n" for n in range(FILES)})
    job_id = enqueue(SCAN.name, {"url": repo.url})
    assert parsers.reached.wait(60)
    return job_id


def test_a_running_scan_pauses_at_its_next_checkpoint_and_goes_on_from_it(
    running, parsers, engine, broker, look, eventually
):
    engine.control.pause("alice", running, by="alice")
    parsers.open.set()
    paused = eventually(lambda: (job := look(running)).state is State.PAUSED and job, within=30)

    assert paused.get("progress")["stage"] == "parse"
    assert 0 < paused.get("progress")["done"] < FILES
    assert parsers.parsed < FILES

    Notifier(broker, job_types()).notify(engine.control.resume("alice", running, by="alice"))
    ended = eventually(lambda: (job := look(running)).state is State.SUCCEEDED and job, within=30)

    assert ended.get("result")["stats"]["symbols"] == FILES
    assert not ended.get("failures")
    assert FILES <= parsers.parsed <= FILES + 2  # two were read ahead of the checkpoint


def test_a_running_scan_is_cancelled_at_its_next_checkpoint_and_publishes_nothing(
    running, parsers, engine, look, eventually, database
):
    engine.control.cancel("alice", running, by="alice")
    parsers.open.set()
    eventually(lambda: look(running).state is State.CANCELLED, within=30)

    assert parsers.parsed < FILES
    assert database["code_indexes"].count_documents({}) == 0
