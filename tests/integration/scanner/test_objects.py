"""One git that stays answers for a mirror: what is there, what is not, and when it fails."""

import os
import signal

import pytest

from keepsake.scanner.errors import GitFailed
from keepsake.scanner.git.mirror import locked
from keepsake.scanner.git.remote import resolve
from keepsake.scanner.models import Repository, ScanRequest

MISSING = "0" * 40


@pytest.fixture
def mirror(repo, tools):
    place = Repository(owner="ann", org="acme", repo="shop", url=repo.url)
    with locked(place, tools.settings) as held:
        yield held


@pytest.fixture
def fetched(repo, mirror):
    """Fetches what the branch holds now."""

    def fetch():
        head = resolve(repo.url, ScanRequest(url=repo.url).ref, None, mirror.settings)
        for _ in mirror.fetch(head, None):
            pass
        return mirror.tree(head.commit)

    return fetch


@pytest.fixture
def blobs(repo, fetched):
    """More of them than one question holds, and of more bytes than a pipe does."""
    sources = {f"{n}.txt": f"{n}\n".encode() + b"x" * 500 for n in range(600)}
    repo.commit(sources)
    fetched()
    listed = repo.git("ls-tree", "HEAD").splitlines()
    return {line.split()[2]: sources[line.split()[3]] for line in listed}


def test_many_objects_are_read_in_whole(mirror, blobs):
    assert mirror.objects.contents(list(blobs)) == blobs
    assert mirror.objects.sizes(list(blobs)) == {oid: len(text) for oid, text in blobs.items()}


def test_what_is_missing_has_no_item_and_ends_nothing(mirror, blobs):
    oid = next(iter(blobs))

    assert mirror.objects.contents([MISSING, oid, MISSING]) == {oid: blobs[oid]}
    assert mirror.objects.sizes([MISSING]) == {}
    assert mirror.tree(MISSING) is None


def test_what_is_fetched_later_is_seen_by_the_git_that_was_there(mirror, blobs, repo, fetched):
    child = reader(mirror)
    repo.commit({"late.txt": "late"})
    tree = fetched()

    assert mirror.tree(tree) == tree
    assert reader(mirror) == child


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_a_git_that_died_or_hangs_fails_in_time_and_the_mirror_is_made_again(
    mirror, blobs, fetched, blow, monkeypatch
):
    os.killpg(reader(mirror), blow)

    with monkeypatch.context() as patch, pytest.raises(GitFailed):
        patch.setattr(mirror.objects, "seconds", 1)
        mirror.objects.contents(list(blobs))

    assert not mirror.path.exists()
    fetched()
    assert mirror.objects.contents(list(blobs)) == blobs


def test_no_git_is_left_when_the_mirror_is_closed(mirror, blobs):
    child = reader(mirror)
    mirror.close()

    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def reader(mirror):
    """The process id of the git that answers; it leads its own group."""
    return mirror.objects._running()._running.pid
