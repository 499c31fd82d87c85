"""What changes under a scan: its branch, its index, its own checkpoint."""

import pytest

from keepsake.scanner.errors import BranchNotFound, CheckpointUnknown, IndexChanged
from keepsake.scanner.models import ScanRequest
from keepsake.scanner.pipeline import Scan
from keepsake.storage.mongo import Unfenced


@pytest.fixture
def begin(tools):
    """A scan that has come to a stage: itself, its further steps, and the last one."""

    def run(repo, stage, **request):
        running = Scan(tools, "ann", ScanRequest(url=repo.url, **request), fence=Unfenced())
        steps = running.steps()
        last = next(step for step in steps if step.state["stage"] == stage)
        return running, steps, last

    return run


def forget(repo):
    """Make the host lose what no branch leads to."""
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")


def test_a_commit_that_the_host_does_not_have_is_no_use_to_try_again(scan, repo):
    repo.commit({"a.py": "def a(): pass\n"})

    with pytest.raises(BranchNotFound):
        scan(repo, commit="0123456789" * 4)


def test_a_branch_that_moves_while_it_is_fetched_is_looked_up_once_more(begin, repo):
    repo.commit({"a.py": "def a(): pass\n"})
    running, steps, _ = begin(repo, "fetch")
    repo.write({"a.py": "def moved(): pass\n"})
    repo.git("commit", "--quiet", "--all", "--amend", "--message", "instead")
    forget(repo)

    for _ in steps:
        pass

    assert running.result.commit == repo.git("rev-parse", "HEAD")
    assert running.result.stats["symbols"] == 1


def test_a_scan_that_another_has_overtaken_publishes_nothing(begin, scan, repo, tools):
    repo.commit({"a.py": "def a(): pass\n"})
    late, steps, _ = begin(repo, "publish")
    repo.commit({"a.py": "def newer(): pass\n"})
    mirrors = tools.settings.scan_cache_path / "of another machine"
    newer = scan(repo, settings=tools.settings.model_copy(update={"scan_cache_path": mirrors}))

    with pytest.raises(IndexChanged):
        for _ in steps:
            pass

    head = tools.indexes.current(late.repository, "main")
    assert (head["commit"], head["generation"]) == (newer.commit, newer.generation)


@pytest.mark.parametrize(("owner", "asked"), [("ann", {"branch": "main"}), ("bob", {})])
def test_a_checkpoint_of_another_request_is_refused(begin, repo, tools, owner, asked):
    repo.commit({"a.py": "def a(): pass\n"})
    _, _, last = begin(repo, "diff")
    other = Scan(tools, owner, ScanRequest(url=repo.url, **asked), fence=Unfenced())

    with pytest.raises(CheckpointUnknown):
        next(other.steps(last.state))
