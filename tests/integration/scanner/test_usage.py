"""What owners store in indexes is counted after each scan, and after what was deleted."""

from dataclasses import replace

import bson
import pytest

from keepsake.scanner.models import ScanRequest
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.store.removal import Removal
from keepsake.scanner.store.usage import KINDS, CodeUsage
from keepsake.storage.mongo import Unfenced
from tests.integration.scanner.indexed import many_files
from tests.integration.scanner.scan_process import LetterPairs


@pytest.fixture
def usage(database):
    return CodeUsage(database)


@pytest.fixture
def counted(usage, database):
    """What is said of an owner once all that is due was counted, and what is there."""

    def run(owner="ann"):
        while usage.recount():
            pass
        repositories = database["code_repositories"].distinct("_id", {"owner": owner})
        which = {"repository": {"$in": repositories}}
        there = {
            kind: sum(len(bson.encode(row)) for name in names for row in database[name].find(which))
            for kind, names in KINDS.items()
        }
        return usage.of(owner), there

    return run


@pytest.fixture
def with_vectors(tools, repo):
    """Scan to the end, with vectors."""

    def scan(owner="ann", **request):
        used = replace(tools, embedder=LetterPairs(), embedding_model="pairs")
        running = Scan(used, owner, ScanRequest(url=repo.url, **request), fence=Unfenced())
        list(running.steps())
        return running.result

    return scan


def test_an_owner_s_indexes_are_counted_after_each_scan_and_removal(counted, with_vectors, repo):
    repo.commit(many_files(12))
    with_vectors()
    with_vectors("bob")
    first, there = counted()
    repo.commit({"more.py": "def more():\n    return 1\n" * 50})
    with_vectors()
    second, there_then = counted()

    assert first == there
    assert min(first.values()) > 0
    assert second == there_then
    assert all(second[kind] > first[kind] for kind in KINDS)
    assert counted("carol")[0] == dict.fromkeys(KINDS, 0)
    assert counted("bob")[0] == pytest.approx(first, rel=0.01)


def test_what_was_removed_is_counted_off(counted, with_vectors, repo, database):
    repo.commit(many_files(3))
    result = with_vectors()
    before, _ = counted()

    Removal(database).index("ann", result.repository, result.branch)
    after, there = counted()

    assert sum(before.values()) > 0
    assert after == there == dict.fromkeys(KINDS, 0)


def test_what_is_marked_while_it_is_counted_is_counted_again(
    usage, with_vectors, repo, monkeypatch
):
    repo.commit(many_files(2))
    with_vectors()
    counts = type(usage)._bytes

    def meanwhile(of, name, repository):
        size = counts(of, name, repository)
        if name == "code_vectors":
            usage.mark(repository)
        return size

    monkeypatch.setattr(CodeUsage, "_bytes", meanwhile)
    assert usage.recount()
    assert usage.of("ann") == dict.fromkeys(KINDS, 0)
    monkeypatch.undo()

    assert usage.recount()
    assert (usage.of("ann")["code_vectors"] > 0, usage.recount()) == (True, False)


def test_repositories_of_a_version_that_counted_nothing_are_counted(
    usage, with_vectors, repo, database
):
    repo.commit(many_files(2))
    with_vectors()
    unset = {"stored": 1, "recount_at": 1}
    database["code_repositories"].update_many({}, {"$unset": unset})

    assert usage.overdue() == 1
    assert usage.recount()
    assert (usage.overdue(), usage.of("ann")["code_index"] > 0) == (0, True)
