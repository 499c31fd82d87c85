"""A mirror that a power cut damaged is fetched again; no file is listed as what it is not."""

import shutil

import pytest

from keepsake.scanner.errors import MirrorDamaged
from keepsake.scanner.git.mirror import Mirror, locked
from keepsake.scanner.models import ScanRequest
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.source import parse_source
from keepsake.storage.mongo import Unfenced
from tests.integration.scanner.indexed import content

FILES = {f"m{n}.py": f"def f{n}():\n    return {n}\n" for n in range(12)} | {
    "large.txt": "x" * 2_000_000,
    "notes.txt": "a note\n" * 200,
}
"""Without folders: each change brings the whole tree anew, so what is lost are files alone."""


def first_pack(mirror):
    """The one with the most in it."""
    return max((mirror / "objects/pack").glob("*.pack"), key=lambda pack: pack.stat().st_size)


def zero(file):
    """Keeps its size, as a file system does whose data never came."""
    file.chmod(0o644)
    with file.open("r+b") as opened:
        opened.seek(12)
        opened.write(bytes(file.stat().st_size - 32))


def truncate(file):
    file.chmod(0o644)
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


DAMAGE = {
    "a pack of zeros": lambda mirror: zero(first_pack(mirror)),
    "a short pack": lambda mirror: truncate(first_pack(mirror)),
    "an index of zeros": lambda mirror: zero(first_pack(mirror).with_suffix(".idx")),
    "no pack": lambda mirror: [first_pack(mirror).with_suffix(end).unlink()
                               for end in (".pack", ".idx")],
    "no list of packs": lambda mirror: (mirror / "keepsake.packs").unlink(),
    "no head": lambda mirror: (mirror / "HEAD").unlink(),
    "no objects": lambda mirror: shutil.rmtree(mirror / "objects"),
}  # fmt: skip


@pytest.fixture
def mirror(tools):
    """Where the one mirror of the cache is."""
    return lambda: next(tools.settings.scan_cache_path.glob("*.git"))


@pytest.fixture
def changed(repo, scan):
    """A scanned repository, with a change that needs what an earlier fetch brought."""
    repo.commit(FILES)
    scan(repo)
    repo.commit({"m1.py": "def other(): pass\n"})
    scan(repo)
    repo.git("mv", "notes.txt", "moved.md")
    repo.commit({"large.txt": "y" * 2_000_000})


def shown(tools, result):
    fields = {"_id": 0, "path": 1, "blob": 1, "skip": 1, "size": 1, "key": 1}
    return list(tools.files.shown(result.index, result.generation, fields=fields))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_mirror_is_fetched_again_and_leaves_no_hole(
    scan, repo, tools, mirror, changed, damage, database
):
    DAMAGE[damage](mirror())

    result = scan(repo)

    rows = shown(tools, result)
    assert [row["path"] for row in rows if row["skip"]] == ["large.txt"]
    for name in ("code_files", "code_blobs", "code_indexes", "code_repositories"):
        database[name].delete_many({})
    assert rows == shown(tools, scan(repo))


@pytest.mark.parametrize("damage", ["a short pack", "no pack", "no list of packs", "no objects"])
def test_a_mirror_with_other_packs_than_were_noted_is_dropped_when_it_is_opened(
    repo, tools, mirror, changed, damage
):
    path = mirror()
    DAMAGE[damage](path)

    with locked(parse_source(repo.url, "ann", tools.settings), tools.settings):
        assert not path.exists()


def test_an_undamaged_mirror_is_not_fetched_again_for_a_file_over_the_limit(
    scan, repo, mirror, changed
):
    before = set((mirror() / "objects/pack").iterdir())

    scan(repo)

    assert before < set((mirror() / "objects/pack").iterdir())


@pytest.mark.parametrize("stage", ["diff", "parse"])
def test_a_mirror_that_is_damaged_during_a_scan_is_fetched_again(
    repo, tools, mirror, scan, database, stage
):
    repo.commit(FILES)
    running = Scan(tools, "ann", ScanRequest(url=repo.url), fence=Unfenced())
    seen = []
    for step in running.steps():
        seen.append(step.progress.stage)
        if seen.count(stage) == 2 and seen[-1] == stage:
            zero(first_pack(mirror()))
    indexed = content(database)
    for name in (*indexed, "code_indexes", "code_repositories"):
        database[name].delete_many({})

    scan(repo)

    assert content(database) == indexed
    assert not any(blob.get("failed") for blob in indexed["code_blobs"])


def test_a_mirror_that_cannot_be_kept_whole_fails_the_scan_for_now(repo, tools, scan, monkeypatch):
    repo.commit(FILES)
    monkeypatch.setattr(Mirror, "_check_size", lambda self: zero(first_pack(self.path)))

    with pytest.raises(MirrorDamaged):
        scan(repo)
