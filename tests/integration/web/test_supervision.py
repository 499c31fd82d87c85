"""The master of the web processes replaces what hangs or dies, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from keepsake.launcher.process import LOOPBACK, free_port
from tests.conftest import ROOT, started_web
from tests.processes import children

SPINNING = "tests.integration.web.spinning"


@pytest.fixture
def spinning(tmp_path):
    """Starts servers that spin or end on request; they need neither database nor broker."""
    started = []

    def start(**environment):
        log = tmp_path / f"web-{len(started)}.log"
        process, base_url = started_web(
            log,
            SPINNING,
            KEEPSAKE_WEB_PROCESSES="2",
            KEEPSAKE_WEB_SILENCE_SECONDS="2",
            **environment,
        )
        started.append(process)
        return process, base_url

    yield start
    for process in started:
        process.kill()


def answering(base_url: str) -> int | None:
    """Which process answers a connection of its own; None when none does in time."""
    try:
        return int(httpx.get(base_url, timeout=0.5).text)
    except httpx.HTTPError:
        return None


def runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def ask(base_url: str, path: str) -> threading.Thread:
    """Ask for what no answer comes to."""

    def unanswered() -> None:
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"{base_url}{path}", timeout=60)

    thread = threading.Thread(target=unanswered)
    thread.start()
    return thread


def both_serve(process, base_url, eventually) -> set[int]:
    eventually(lambda: process.tail(500).count("web.serving") >= 2, within=60)
    return set(children(process.pid))


def test_a_process_whose_event_loop_spins_is_replaced_while_the_other_serves(spinning, eventually):
    process, base_url = spinning()
    before = both_serve(process, base_url, eventually)
    spun = ask(base_url, "/spin")

    answered = set()
    while spun.is_alive():
        answered.add(answering(base_url))
    eventually(lambda: process.tail(500).count("web.serving") == 3, within=60)
    after = set(children(process.pid))

    (kept,) = before & after
    (new,) = after - before
    assert kept in answered
    assert '"event": "web.hung"' in process.tail(500)
    eventually(lambda: answering(base_url) == new, within=30)


def test_a_process_that_stands_still_is_replaced(spinning, eventually):
    process, base_url = spinning()
    stopped, other = both_serve(process, base_url, eventually)

    os.kill(stopped, signal.SIGSTOP)
    eventually(lambda: process.tail(500).count("web.serving") == 3, within=60)

    assert stopped not in children(process.pid)
    assert other in children(process.pid)


def test_a_process_that_ends_is_replaced_and_few_arenas_keep_what_threads_have_freed(
    spinning, eventually
):
    process, base_url = spinning()
    both_serve(process, base_url, eventually)

    ask(base_url, "/end").join()

    eventually(lambda: process.tail(500).count("web.serving") == 3, within=60)
    environments = [
        Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") for pid in children(process.pid)
    ]
    assert [b"MALLOC_ARENA_MAX=2" in each for each in environments] == [True, True]
    assert '"code": 7' in process.tail(500)


def test_a_master_that_slept_excuses_the_silence_of_its_children(spinning, eventually):
    process, base_url = spinning()
    before = both_serve(process, base_url, eventually)

    process.signal(signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        process._child.wait(3)
    process.signal(signal.SIGCONT)
    eventually(lambda: answering(base_url) in before, within=30)

    assert set(children(process.pid)) == before


def test_a_stop_ends_all(spinning, eventually):
    process, base_url = spinning()
    pids = both_serve(process, base_url, eventually)

    process.stop(grace_seconds=30)

    assert process.exit_code == 0
    assert [pid for pid in pids if runs(pid)] == []


def test_processes_end_when_their_master_was_killed(spinning, eventually):
    process, base_url = spinning()
    pids = both_serve(process, base_url, eventually)

    os.kill(process.pid, signal.SIGKILL)

    eventually(lambda: not any(runs(pid) for pid in pids), within=30)


def test_a_port_that_is_taken_is_named_in_one_line():
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "-m", "web"], env={**os.environ, "KEEPSAKE_HTTP_PORT": str(port)},
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    assert run.returncode == 1
    assert run.stderr == f"keepsake: cannot listen on {LOOPBACK}:{port}: Address already in use\n"


def test_a_server_that_cannot_start_gives_up(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "web"],
        env={**os.environ, "KEEPSAKE_HTTP_PORT": str(free_port()), "KEEPSAKE_WEB_PROCESSES": "2",
             "KEEPSAKE_BODY_LIMIT_BYTES": "-1", "KEEPSAKE_DATA_DIR": str(tmp_path / "data")},
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip

    assert run.returncode == 1
    assert "KEEPSAKE_BODY_LIMIT_BYTES" in run.stderr
