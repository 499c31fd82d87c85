"""A scan whose workers die with -9, twenty in a row, leaves an undisturbed one's index."""

import os
import re
from itertools import chain, repeat

import numpy as np
import pytest

from keepsake.jobs.states import State
from keepsake.scanner.job_types import SCAN
from keepsake.scanner.store.removal import Removal
from keepsake.scanner.store.vectors import as_array
from tests.faults.conftest import FAST
from tests.forks import Fork, dramatiq_worker
from tests.integration.scanner.gitrepo import GitRepo
from tests.integration.scanner.indexed import content, many_files

pytestmark = pytest.mark.drill

FILES = 120
KILLS = {"parse": 18, "embed": 2}


@pytest.fixture
def repo(tmp_path):
    repository = GitRepo(tmp_path / "acme" / "shop")
    repository.commit(many_files(FILES, classes=2))
    return repository


@pytest.fixture
def scanners(empty_queues, mongod, tmp_path):
    """Starts workers whose batches are of one file, and whose leases are soon over."""
    settings = FAST | {
        "KEEPSAKE_LEASE_SECONDS": "1.2",
        "KEEPSAKE_HEARTBEAT_SECONDS": "0.3",
        "KEEPSAKE_NOTIFY_AGAIN_AFTER_MAX_SECONDS": "1",
        "KEEPSAKE_SCAN_PROTOCOLS": '["file"]',
        "KEEPSAKE_SCAN_CACHE_PATH": str(tmp_path / "mirrors"),
        "KEEPSAKE_SCAN_BATCH_FILES": "1",
        "KEEPSAKE_SCAN_PARSERS": "1",
    }
    command = ["actors", "--processes", "1", "--threads", "1", "--queues", "keepsake.scanner"]
    started = []

    def start():
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(Fork(dramatiq_worker, command, settings, log=log))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture
def holder(engine, eventually):
    """Waits until an attempt has saved a checkpoint in a stage; its worker's process group."""
    first = {}
    served = set()

    def reached(job_id, stage):
        job = engine.records.jobs.find_one({"_id": job_id})
        token, progress = job["token"], job.get("progress") or {}
        now = (progress.get("stage"), progress.get("done"))
        if "worker" not in job or token in served or first.setdefault(token, now) == now:
            return None
        if now[0] != stage:
            return None
        served.add(token)
        return os.getpgid(int(re.search(r":(\d+)\b", job["worker"])[1]))

    return lambda job_id, stage: eventually(lambda: reached(job_id, stage), within=20)


@pytest.fixture
def index(database):
    """Takes an index out of the database: its documents, and apart from them its vectors.

    These may differ in their last bits.
    """

    def take(result):
        documents = content(database)
        vectors = [as_array(document) for document in documents["code_vectors"]]
        for document in documents["code_vectors"]:
            del document["vectors"]
        Removal(database).repository("alice", result["repository"])
        assert not any(content(database).values())
        return documents, np.concatenate(vectors)

    return take


@pytest.mark.timeout(180)
def test_twenty_workers_killed_during_one_scan_leave_the_index_of_an_undisturbed_one(
    posted, scanners, holder, job, index, repo
):
    workers = [scanners(), scanners()]
    killed = posted(SCAN.name, {"url": repo.url})
    for stage in chain.from_iterable(repeat(*kills) for kills in KILLS.items()):
        group = holder(killed, stage)
        next(worker for worker in workers if worker.pid == group).kill()
        workers.append(scanners())
    ended = job(killed, State.SUCCEEDED, within=60)
    documents, vectors = index(ended.get("result"))
    again = posted(SCAN.name, {"url": repo.url, "options": {"force": True}})
    quiet = job(again, State.SUCCEEDED, within=60)
    wanted, near = index(quiet.get("result"))

    assert ended.get("crashes") >= sum(KILLS.values())  # a slow machine may lose a lease besides
    assert len(documents["code_blobs"]) == FILES
    assert documents == wanted
    assert np.allclose(vectors, near, atol=1e-5)
