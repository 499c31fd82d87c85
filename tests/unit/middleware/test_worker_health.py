"""What probes of workers answer, without a worker."""

import http.client
import json
import os
import socket
from dataclasses import replace
from types import SimpleNamespace

import pytest

from keepsake.launcher.process import LOOPBACK, free_port
from middleware import health_server
from middleware.health import WorkerHealth
from middleware.health_server import Board, HealthServer

SERVING = WorkerHealth(pid=1, phase="serving", threads=4, heartbeat_age_seconds=0.5)


def board(*said: WorkerHealth, processes: int = 1) -> Board:
    board = Board(processes)
    for health in said:
        board.note(health)
    return board


def verdicts(board: Board) -> tuple[bool, bool, bool]:
    """Live, started, ready."""
    return tuple(not list(probe()) for probe in (board.hung, board.unstarted, board.unready))


@pytest.mark.parametrize(
    ("health", "verdict"),
    [
        (SERVING, (True, True, True)),
        (WorkerHealth(pid=1), (True, False, False)),
        (WorkerHealth(pid=1, phase="draining"), (True, True, False)),
        (WorkerHealth(pid=1, phase="stopping"), (True, True, False)),
        (WorkerHealth(pid=1, phase="serving", gone={"WorkerThread": 2}), (False, False, False)),
        (WorkerHealth(pid=1, phase="serving", renews=False), (False, False, False)),
        # MongoDB is away: to start the worker again would mend nothing.
        (WorkerHealth(pid=1, phase="serving", heartbeat_age_seconds=20, heartbeat_fresh=False),
         (True, True, False)),
        (WorkerHealth(pid=1, phase="serving", heartbeat_fresh=False), (True, True, False)),
    ],
)  # fmt: skip
def test_live_started_and_ready_are_told_apart(health, verdict):
    assert verdicts(board(health)) == verdict


def test_nothing_is_hung_before_a_process_has_said_anything():
    assert verdicts(board()) == (True, False, False)


def test_all_processes_of_a_master_count():
    assert verdicts(board(SERVING, processes=2)) == (True, False, False)
    assert verdicts(board(SERVING, WorkerHealth(pid=2), processes=2)) == (True, False, False)
    assert verdicts(board(SERVING, WorkerHealth(pid=2, phase="serving"), processes=2)) == (
        True, True, True,
    )  # fmt: skip


def test_a_process_that_says_nothing_any_more_is_hung(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(health_server, "time", SimpleNamespace(monotonic=lambda: now[0]))
    known = board(SERVING)

    now[0] += 20

    assert list(known.hung()) == ["process 1 has said nothing for 20 s"]


@pytest.fixture
def served():
    """A server that hears what is written into a pipe, and its port."""
    reading, writing = os.pipe()
    port = free_port()
    server = HealthServer(1, reading, (LOOPBACK, port), notified="")
    server.start()
    yield port, writing
    os.close(writing)
    server._http.shutdown()
    server._http.server_close()


def asked(port: int, path: str) -> tuple[int, dict]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_what_a_process_says_is_answered(served, eventually):
    port, pipe = served
    assert asked(port, "/startupz")[0] == 503
    half = SERVING.line()

    os.write(pipe, half[:20])
    os.write(pipe, half[20:])

    eventually(lambda: asked(port, "/startupz")[0] == 200)
    status, said = asked(port, "/readyz")
    assert (status, said["status"], said["why"]) == (200, "ok", [])
    assert (said["workers"][0]["threads"], said["workers"][0]["heartbeat_age_seconds"]) == (4, 0.5)
    assert asked(port, "/healthz")[0] == 200
    assert asked(port, "/metrics")[0] == 404


def test_a_fault_is_named(served, eventually):
    port, pipe = served

    os.write(pipe, WorkerHealth(pid=7, phase="serving", gone={"WorkerThread": 2}).line())

    eventually(lambda: asked(port, "/healthz")[0] == 503)
    assert asked(port, "/healthz")[1]["why"] == ["process 7 has lost threads: 2 WorkerThread"]


def test_a_port_that_is_taken_stops_no_worker():
    with socket.create_server((LOOPBACK, 0)) as taken:
        reading, writing = os.pipe()
        server = HealthServer(1, reading, taken.getsockname(), notified="")
        server.start()
        os.close(writing)

    assert server._http is None


def test_systemd_hears_when_all_consume_and_that_none_hangs(tmp_path, monkeypatch):
    monkeypatch.setattr(health_server, "_TOLD_SECONDS", 0)
    reading, writing = os.pipe()
    told = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        HealthServer(1, reading, None, notified=str(tmp_path / "notify")).start()
        for health in (WorkerHealth(pid=1), SERVING, SERVING):
            os.write(writing, health.line())
            told.append(systemd.recv(100).decode().split())
        systemd.settimeout(0.2)
        os.write(writing, replace(SERVING, renews=False).line())
        with pytest.raises(TimeoutError):
            systemd.recv(100)
    os.close(writing)

    assert told == [["WATCHDOG=1"], ["READY=1", "WATCHDOG=1"], ["WATCHDOG=1"]]
