"""A worker that is killed again and again leaves the same index as one that is not."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.integration.scanner.indexed import CONTENT, content, many_files
from tests.integration.scanner.scan_process import SAVED

ROOT = Path(__file__).parents[3]
KILLS = 20


def start(repo, mirrors):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.scanner.scan_process", repo.url, str(mirrors)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )


def finish(repo, mirrors):
    with start(repo, mirrors) as process:
        stages = process.stdout.read().decode().split()
    assert process.returncode == 0
    return stages


def kill_somewhere(repo, mirrors, chance):
    """Kill a worker some steps after its first, most often in the middle of one."""
    with start(repo, mirrors) as process:
        for _ in range(chance.randint(1, 3)):
            process.stdout.readline()
        threading.Event().wait(chance.uniform(0, 0.02))
        ended = process.poll() is not None
        process.kill()
    return not ended


@pytest.mark.timeout(180)
def test_twenty_kills_during_a_first_scan_and_a_rescan_change_no_document(database, repo, tmp_path):
    repo.commit(many_files())
    before = repo.git("rev-parse", "HEAD")
    repo.commit(many_files(change="_new") | {"extra.py": "def extra(): pass\n"})
    after = repo.git("rev-parse", "HEAD")
    heads = (before, after)

    expected = [uninterrupted(database, repo, tmp_path / "quiet", head) for head in heads]
    for name in (*CONTENT, "code_indexes", "code_repositories", SAVED):
        database[name].delete_many({})
    chance = random.Random(6)
    kills = 0
    for head, wanted in zip(heads, expected, strict=True):
        repo.git("update-ref", "refs/heads/main", head)
        database[SAVED].delete_many({})
        for _ in range(KILLS // 2):
            kills += kill_somewhere(repo, tmp_path / "killed", chance)
        finish(repo, tmp_path / "killed")
        assert content(database) == wanted

    assert kills >= KILLS - 2


def uninterrupted(database, repo, mirrors, head):
    repo.git("update-ref", "refs/heads/main", head)
    database[SAVED].delete_many({})
    stages = finish(repo, mirrors)
    assert stages.count("parse") > 5
    assert stages.count("embed") > 5
    return content(database)
