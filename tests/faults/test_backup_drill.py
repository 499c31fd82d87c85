"""A backup under load, then all is destroyed and restored into fresh servers."""

import math
import os
import shutil
import threading
import time
from collections import Counter
from contextlib import contextmanager
from random import Random

import bson
import httpx
import pytest

from chaos.ledger import audited, unfinished
from chaos.load import Load, LoadLevel
from chaos.processes import Processes
from chaos.servers import single
from keepsake.access.keys import KeyStore
from keepsake.jobs.states import ENDED
from keepsake.launcher.administration import ensure_indexes
from keepsake.storage import connect
from keepsake_client import Keepsake
from tests.forks import keepsake
from tests.integration.scanner.gitrepo import GitRepo

pytestmark = pytest.mark.drill
BEFORE, AFTER = 60, 20
"""Jobs that are accepted before the backup begins, at least, and after it."""
STUCK_SECONDS = 60
LEVEL = LoadLevel(clients=2, pause_seconds=0.2, remembering=0.2)


@contextmanager
def serving(directory, monkeypatch):
    """Fresh servers, and web and workers over them that are not started yet."""
    directory.mkdir()
    with single(directory) as servers:
        for name, url in servers.environment.items():
            monkeypatch.setenv(name, url)
        settings = {"KEEPSAKE_SCAN_PROTOCOLS": '["file"]'}
        processes, database = Processes(servers, directory / "log", settings), connect()
        try:
            yield servers, processes, database
        finally:
            processes.stop()
            database.client.close()


def settle(database, base_url, key):
    """Wait until all jobs have ended; pauses are lifted. They must not stand still for a minute."""
    left, deadline, pause = math.inf, 0.0, threading.Event()
    with httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {key}"}) as client:
        while now := unfinished(database):
            if now < left:
                left, deadline = now, time.monotonic() + STUCK_SECONDS
            assert time.monotonic() < deadline, f"{now} jobs do not end"
            for paused in database["jobs"].find({"state": "paused"}, {"_id": 1}):
                client.post(f"/v1/jobs/{paused['_id']}:resume")
            pause.wait(0.2)


def scan(base_url, key, repository):
    """Scan a repository; what its index then shows of one name."""
    with Keepsake(base_url, key) as client:
        client.code.scan(repository.url, embed=False).result(60)
        return [hit.qualified for hit in client.code.symbols("acme/shop", "price").hits]


@pytest.mark.timeout(400)
def test_a_backup_under_load_is_restored_and_all_goes_on(tmp_path, monkeypatch, eventually):
    backup = tmp_path / "backup"
    with serving(tmp_path / "first", monkeypatch) as (_, processes, database):
        ensure_indexes(database)
        key = KeyStore(database).create("chaos")
        processes.start()
        repository = GitRepo(tmp_path / "hosted" / "acme" / "shop")
        repository.commit({"shop.py": "def price():\n    return 1\n"})
        assert scan(processes.base_urls[0], key, repository) == ["price"]
        load = Load(processes, key, Random(27), LEVEL)
        load.start()
        eventually(lambda: len(load.orders) > BEFORE, within=60)
        before = set(load.orders)
        made = keepsake("backup", "make", str(backup), environment=os.environ)
        assert made.returncode == 0, made.stderr
        total = len(load.orders)
        eventually(lambda: len(load.orders) > total + AFTER, within=60)
        load.end()
    shutil.rmtree(tmp_path / "first")  # RabbitMQ's, MongoDB's, mirrors and logs

    jobs = bson.decode_all((backup / "keepsake" / "jobs.bson").read_bytes())
    then = Counter(job["state"] for job in jobs)
    in_it = before.union(job["_id"] for job in jobs)
    orders = {job_id: order for job_id, order in load.orders.items() if job_id in in_it}
    with serving(tmp_path / "second", monkeypatch) as (_, processes, database):
        restored = keepsake("backup", "restore", str(backup), environment=os.environ)
        assert restored.returncode == 0, restored.stderr
        processes.start()
        settle(database, processes.base_urls[0], key)
        repository.commit({"till.py": "def price():\n    return 2\n"})
        assert scan(processes.base_urls[0], key, repository) == ["price", "price"]
        count = audited(database, orders, {})
        states = {job["_id"]: job["state"] for job in database["jobs"].find({}, {"state": 1})}

    unended = {job["_id"] for job in jobs if job["state"] not in ENDED}
    lost = unended - states.keys()
    sound = count.sound and not lost and then["running"] > 0
    print(
        f"accepted before the backup={len(orders)}, in it {dict(then)},"
        f" accepted after it={len(load.orders) - len(orders)}\n"
        f"lost={len(count.lost) + len(lost)} duplicated={len(count.duplicated)}"
        f" disordered={len(count.disordered)} remembered={count.remembered}\n"
        f"verdict: {'sound' if sound else 'BROKEN'}"
    )
    assert sound, (count.lost, count.duplicated, count.disordered, lost, then)
    assert {states[job_id] for job_id in unended} <= ENDED
