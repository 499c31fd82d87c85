"""Folders scanned as they are, with what is not committed; nothing of theirs runs or is written."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from keepsake.scanner.errors import ForbiddenSource, Unsupported
from keepsake.scanner.models import WORKING_TREE, ScanRequest
from keepsake.scanner.pipeline import Scan
from keepsake.storage.mongo import Unfenced
from tests.integration.scanner.gitrepo import GitRepo

FILES = {
    "app/shop.py": "def sell(): pass\n",
    "app/price.py": "def price(): pass\n",
    "old/gone.py": "def gone(): pass\n",
    "kept.log": "def tracked_and_ignored(): pass\n",
    ".gitignore": "*.log\nbuild/\n",
}


@pytest.fixture
def committed(repo):
    repo.write(FILES)
    repo.git("add", "--all", "--force")
    return repo.commit()


@pytest.fixture
def paths(database, tools):
    """The files of the working tree's index that were read, and those that were not, with why."""

    def listed():
        (index,) = database["code_indexes"].find({"branch": WORKING_TREE})
        rows = list(tools.files.shown(index["_id"], index["current"]["generation"]))
        return (
            sorted(row["path"] for row in rows if not row["skip"]),
            {row["path"]: row["skip"] for row in rows if row["skip"]},
        )

    return listed


def change(repo):
    """Everything that a developer may do before a commit."""
    repo.write({
        "app/shop.py": "def sell(): pass\ndef refund(): pass\n",
        "new/fresh file.py": "def fresh(): pass\n",
        "debug.log": "x\n",
        "build/made.py": "def made(): pass\n",
        "secret.py": "def secret(): pass\n",
        "big.py": "x = 1\n" * 300_000,
    })  # fmt: skip
    (repo.path / ".git" / "info").mkdir(exist_ok=True)
    (repo.path / ".git" / "info" / "exclude").write_text("secret.py\n")
    shutil.rmtree(repo.path / "old")


def everything(folder: Path):
    """All that is below a folder, as it is on disk."""
    return {
        place: (place.lstat().st_mtime_ns, place.read_bytes() if place.is_file() else None)
        for place in sorted(folder.rglob("*"))
    }


def test_what_is_not_committed_is_scanned_and_nothing_is_written(repo, committed, scan, paths):
    change(repo)
    before = everything(repo.path)

    result = scan(repo, working_tree=True)

    assert (result.branch, result.commit, result.dirty) == (WORKING_TREE, committed, True)
    read, unread = paths()
    assert [path for path in read if path.endswith((".py", ".log"))] == [
        "app/price.py", "app/shop.py", "kept.log", "new/fresh file.py",
    ]  # fmt: skip
    assert unread == {"big.py": "oversized"}
    assert everything(repo.path) == before


def test_a_rescan_reads_what_changed_and_one_without_changes_nothing(repo, committed, scan):
    clean = scan(repo, working_tree=True)
    same = scan(repo, working_tree=True)
    change(repo)
    changed = scan(repo, working_tree=True)
    (repo.path / "app" / "price.py").write_text("def price(): return 1\n")
    again = scan(repo, working_tree=True)

    assert (clean.dirty, clean.reused, same.reused, same.dirty) == (False, False, True, False)
    assert changed.stats["files_changed"] == 4
    assert (again.stats["files_changed"], again.dirty, again.reused) == (1, True, False)
    assert repo.commit() != committed
    assert not scan(repo, working_tree=True).dirty


def test_links_lead_nowhere(repo, committed, scan, paths, tmp_path, database):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "gone.py").write_text("def stolen(): pass\n")
    shutil.rmtree(repo.path / "old")
    (repo.path / "old").symlink_to(outside)
    (repo.path / "file.py").symlink_to(outside / "gone.py")
    os.mkfifo(repo.path / "pipe.py")

    scan(repo, working_tree=True)

    read, unread = paths()
    assert {path for path in read if path.endswith(".py")} == {"app/price.py", "app/shop.py"}
    assert unread == {"old": "symlink", "file.py": "symlink"}
    assert "stolen" not in str(list(database["code_blobs"].find()))


def test_nothing_of_the_folders_configuration_runs(repo, committed, scan, tmp_path):
    canary = tmp_path / "canary"
    script = tmp_path / "run.sh"
    script.write_text(f"#!/bin/sh\necho ran >> {canary}\ncat\n")
    script.chmod(0o755)
    change(repo)
    hooks = repo.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "pre-commit", "reference-transaction", "post-checkout"):
        shutil.copy(script, hooks / name)
    config = f"""
[core]
    fsmonitor = {script}
    hooksPath = {hooks}
    sshCommand = {script}
    pager = {script}
    editor = {script}
    attributesFile = {tmp_path / "attributes"}
    alternateRefsCommand = {script}
[filter "evil"]
    clean = {script}
    smudge = {script}
    process = {script}
    required = true
[diff "evil"]
    command = {script}
    textconv = {script}
[uploadpack]
    packObjectsHook = {script}
[credential]
    helper = !{script}
[include]
    path = {tmp_path / "more"}
[extensions]
    partialClone = origin
[remote "origin"]
    url = ext::{script}
    promisor = true
    uploadpack = {script}
"""
    for name in ("attributes", "app/.gitattributes", ".gitattributes"):
        place = tmp_path if name == "attributes" else repo.path
        (place / name).write_text("* filter=evil diff=evil\n")
    (tmp_path / "more").write_text(f"[core]\n\tfsmonitor = {script}\n")
    nested = GitRepo(repo.path / "nested")
    nested.commit({"inner.py": "def inner(): pass\n"})
    (repo.path / ".gitmodules").write_text(
        '[submodule "nested"]\n\tpath = nested\n\turl = ./nested\n\tignore = none\n'
    )
    repo.git("add", "nested")
    repo.commit()
    (repo.path / "nested" / "inner.py").write_text("def changed(): pass\n")
    for place in (repo.path, nested.path):
        with (place / ".git" / "config").open("a") as file:
            file.write(config)

    canary.unlink()  # hooks of the commit above

    result = scan(repo, working_tree=True)
    (repo.path / "app" / "price.py").write_text("def price(): return 2\n")
    scan(repo, working_tree=True)

    assert result.branch == WORKING_TREE
    assert not canary.exists()
    with suppress(subprocess.CalledProcessError):
        repo.git("status")
    assert canary.exists()


def test_only_a_folder_has_a_working_tree(tools, scan, tmp_path, committed, repo):
    bare = tmp_path / "acme" / "bare.git"
    repo.git("clone", "--quiet", "--bare", str(repo.path), str(bare))
    asked = ScanRequest(url="http://127.0.0.1:1/acme/shop", working_tree=True)

    with pytest.raises(Unsupported):
        scan(SimpleNamespace(url=f"file://{bare}"), working_tree=True)
    with pytest.raises(ForbiddenSource):
        Scan(tools, "ann", asked, fence=Unfenced())
    with pytest.raises(ValueError, match="checked out"):
        ScanRequest(url="/x", branch="main", working_tree=True)
    assert "working_tree" not in ScanRequest(url="/x").model_dump()


def test_a_mirror_that_is_lost_meanwhile_is_made_again(tools, repo, committed):
    change(repo)
    request = ScanRequest(url=repo.url, working_tree=True)
    scan = Scan(tools, "ann", request, fence=Unfenced())
    states = []
    for step in scan.steps():
        states.append(step.state)
        if step.state["stage"] == "parse":
            break
    for mirror in tools.settings.scan_cache_path.glob("*.git"):
        shutil.rmtree(mirror)

    going_on = Scan(tools, "ann", request, fence=Unfenced())
    for _ in going_on.steps(states[-1]):
        pass

    assert (going_on.result.dirty, going_on.result.branch) == (True, WORKING_TREE)
