"""What a real worker answers to probes, whatever is away or hangs."""

import os
import signal
import socket
import sys

import httpx
import pytest

from keepsake.jobs.states import State
from keepsake.launcher.process import LOOPBACK, Process, free_port
from tests.conftest import ROOT
from tests.faults.conftest import FAST
from tests.processes import children

SOONER = 10.0
"""Than who waits for a MongoDB that hangs would answer: after 20 s."""


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def asked(port):
    """The status of each probe, and what the worker processes said; no answer waits for MongoDB."""

    def ask():
        answers = {}
        for probe in ("healthz", "startupz", "readyz"):
            try:
                answer = httpx.get(f"http://{LOOPBACK}:{port}/{probe}", timeout=SOONER)
            except httpx.ConnectError:
                return {}, []
            answers[probe] = answer.status_code
        return answers, answer.json()["workers"]

    return ask


def verdict(healthz, startupz, readyz):
    return {"healthz": healthz, "startupz": startupz, "readyz": readyz}


def test_probes_of_a_worker_tell_of_its_claims_and_of_a_database_that_hangs(
    port, asked, probes, post, job, mongod, eventually
):
    probes(KEEPSAKE_WORKER_HEALTH_PORT=str(port))
    eventually(lambda: asked()[0] == verdict(200, 200, 200), within=60)
    assert asked()[1][0]["claim_age_seconds"] is None
    job(post(do="slow_steps", times=1), State.SUCCEEDED)
    [told] = eventually(
        lambda: (told := asked()[1])[0]["claim_age_seconds"] is not None and told, within=30
    )
    assert (told["phase"], told["threads"], told["gone"], told["renews"]) == (
        "serving", 4, {}, True,
    )  # fmt: skip
    assert told["heartbeat_age_seconds"] < 10

    mongod.process.signal(signal.SIGSTOP)
    try:
        eventually(lambda: asked()[0] == verdict(200, 200, 503), within=20)
    finally:
        mongod.process.signal(signal.SIGCONT)

    eventually(lambda: asked()[0] == verdict(200, 200, 200), within=40)


def test_a_worker_that_has_never_reached_mongodb_is_alive_and_not_ready(
    port, asked, fast_worker, mongod, eventually
):
    mongod.kill()
    try:
        fast_worker(KEEPSAKE_WORKER_HEALTH_PORT=str(port))
        seen = []
        eventually(lambda: seen.append(asked()[0]) or seen[-1] == verdict(200, 200, 503), within=60)
    finally:
        mongod.start()

    assert verdict(200, 200, 200) not in seen
    eventually(lambda: asked()[0] == verdict(200, 200, 200), within=40)


@pytest.fixture
def two_processes(port, empty_queues, mongod, tmp_path):
    """One master of two worker processes, as systemd starts it, and what systemd hears."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        master = Process(
            "workers",
            [sys.executable, "-m", "middleware.work", "tests.faults.probes",
             "--processes", "2", "--threads", "2"],
            log=tmp_path / "workers.log", directory=ROOT,
            environment={**os.environ, **FAST, "KEEPSAKE_WORKER_HEALTH_PORT": str(port),
                         "NOTIFY_SOCKET": str(tmp_path / "notify")},
        )  # fmt: skip
        master.start()
        yield master, systemd
        master.kill()


def heard(systemd: socket.socket) -> list[str]:
    """What has come since it was last asked."""
    words: list[str] = []
    while True:
        try:
            words += systemd.recv(100).decode().split()
        except BlockingIOError:
            return words


@pytest.mark.drill
def test_all_processes_of_a_master_are_told_of_and_systemd_hears_when_they_are_up(
    asked, two_processes, eventually
):
    _, systemd = two_processes

    eventually(lambda: "READY=1" in heard(systemd), within=60)

    statuses, told = asked()
    assert statuses["startupz"] == 200
    assert [each["threads"] for each in told] == [2, 2]
    assert told[0]["pid"] != told[1]["pid"]


@pytest.mark.drill
def test_a_process_that_hangs_is_no_longer_alive_and_systemd_hears_nothing_more(
    asked, two_processes, eventually
):
    master, systemd = two_processes
    eventually(lambda: asked()[0] == verdict(200, 200, 200), within=60)
    hung, _ = children(master.pid)

    os.kill(hung, signal.SIGSTOP)

    _, told = eventually(lambda: (a := asked())[0] == verdict(503, 503, 503) and a, within=40)
    assert max(each["silent_seconds"] for each in told) >= 15
    heard(systemd)
    systemd.settimeout(3)
    with pytest.raises(TimeoutError):
        systemd.recv(100)
    os.kill(hung, signal.SIGCONT)
    eventually(lambda: asked()[0] == verdict(200, 200, 200), within=40)
