"""A worker that is killed again and again leaves the same index as one that is not."""

import random
import threading
from contextlib import suppress

import pytest

from tests.forks import Fork, pipe
from tests.integration.scanner.indexed import CONTENT, content, many_files
from tests.integration.scanner.scan_process import SAVED, work

KILLS = 20


def start(repo, mirrors):
    (steps, write_end), (read_end, permits) = pipe(), pipe()
    log = mirrors.with_suffix(".log")
    process = Fork(work, repo.url, str(mirrors), write_end, read_end, log=log)
    write_end.close()
    read_end.close()
    return process, steps, permits


def received(steps, permits):
    """The stages of the steps that are done, until the worker ends; it waits at each."""
    with suppress(EOFError, BrokenPipeError):
        while True:
            yield steps.recv()
            permits.send("go on")


def finish(repo, mirrors):
    process, steps, permits = start(repo, mirrors)
    stages = list(received(steps, permits))
    assert process.wait() == 0
    return stages


def kill_somewhere(repo, mirrors, chance):
    """Kill a worker some steps after its first, most often in the middle of one."""
    process, steps, permits = start(repo, mirrors)
    for _ in zip(range(chance.randint(1, 3)), received(steps, permits), strict=False):
        pass
    with suppress(BrokenPipeError):
        permits.send("go on")  # and no further than to the end of the next step
    threading.Event().wait(chance.uniform(0, 0.02))
    ended = process.exit_code is not None
    process.kill()
    return not ended


@pytest.mark.drill
@pytest.mark.timeout(180)
def test_twenty_kills_during_a_first_scan_and_a_rescan_change_no_document(database, repo, tmp_path):
    repo.commit(many_files())
    before = repo.git("rev-parse", "HEAD")
    repo.commit(many_files(change="_new") | {"extra.py": "def extra(): pass\n"})
    after = repo.git("rev-parse", "HEAD")
    heads = (before, after)

    expected = [uninterrupted(database, repo, tmp_path / "quiet", head) for head in heads]
    for name in (*CONTENT, "code_repositories", SAVED):
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
