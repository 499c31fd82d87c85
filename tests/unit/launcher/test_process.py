import os
import signal
import sys
from pathlib import Path

import pytest

from keepsake.launcher.environment import end_orphans, mark, orphans
from keepsake.launcher.process import CannotStart, Process, until

WAIT = "import threading; threading.Event().wait()"
DEAF = """
import os, signal, sys, threading
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
print("child" if child == 0 else "parent", os.getpid(), flush=True)
threading.Event().wait()
"""


@pytest.fixture
def process(tmp_path):
    started: list[Process] = []

    def start(script: str, **environment: str) -> Process:
        process = Process("part", [sys.executable, "-c", script], log=tmp_path / "part.log",
                       environment={**os.environ, **environment})  # fmt: skip
        started.append(process)
        process.start()
        return process

    yield start
    for process in started:
        process.kill()


def is_gone(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() == b""
    except OSError:
        return True


def test_a_program_that_does_not_hear_is_killed_with_its_children(process, eventually):
    deaf = process(DEAF)
    eventually(lambda: {"child", "parent"} <= set(deaf.tail().split()))
    pids = dict(line.split() for line in deaf.tail().splitlines())

    deaf.stop(grace_seconds=0.2)

    assert deaf.exit_code == -signal.SIGKILL
    eventually(lambda: is_gone(pids["child"]))


def test_the_id_of_a_program_that_has_ended_is_signalled_no_more(process, eventually, monkeypatch):
    ended = process("pass")
    eventually(lambda: not ended.running)
    signalled = []
    monkeypatch.setattr(os, "killpg", lambda *about: signalled.append(about))
    monkeypatch.setattr(os, "kill", lambda *about: signalled.append(about))

    ended.signal(signal.SIGTERM)
    ended.stop()
    ended.kill()

    assert (ended.exit_code, signalled) == (0, [])


def test_what_a_program_leaves_of_its_group_ends_with_it(process, eventually):
    ended = process("import os, threading\nif os.fork() == 0: print(os.getpid(), flush=True); "
                    "threading.Event().wait()")  # fmt: skip
    left = eventually(lambda: ended.tail().strip())
    eventually(lambda: not ended.running)

    eventually(lambda: is_gone(left))


def test_a_program_that_is_not_there_is_named(tmp_path):
    missing = Process("part", [tmp_path / "mongod"], log=tmp_path / "part.log")

    with pytest.raises(CannotStart, match="mongod cannot be run: No such file or directory"):
        missing.start()


def test_the_tail_goes_back_no_further_than_the_last_start(process, tmp_path):
    (tmp_path / "part.log").write_text("ready, said an earlier run\n")
    part = process("print('begun', flush=True)")
    part.kill()

    assert "ready" not in part.tail()
    assert "ready" in part.log.read_text()


def test_a_long_log_is_set_aside(process, tmp_path):
    with (tmp_path / "part.log").open("wb") as log:
        log.truncate(10_000_001)

    part = process("")

    assert part.log.stat().st_size == 0
    assert (tmp_path / "part.old.log").exists()


def test_a_log_that_grows_long_is_set_aside_while_its_program_goes_on_writing(process, eventually):
    part = process("import threading; print('x' * 10_000_000, flush=True)\n"
                   "while not threading.Event().wait(0.1): print(9, flush=True)")  # fmt: skip
    old = part.log.with_suffix(".old.log")

    def set_aside() -> bool:
        part.rotate()
        return old.exists()

    eventually(set_aside, within=60)
    eventually(lambda: part.log.stat().st_size > 0, within=60)

    assert part.running
    assert old.stat().st_size == 10_000_000
    assert part.log.read_bytes()[:1] != b"\0"  # at the file's new end, not where the old one was


def test_a_part_that_ends_before_it_is_ready_points_to_its_log(process):
    part = process("import sys; print('port in use'); sys.exit(3)")

    with pytest.raises(CannotStart, match="part ended with exit code 3") as ended:
        until(lambda: False, part, within_seconds=10)
    assert str(ended.value).endswith(f"see {part.log}")
    assert ended.value.__notes__ == ["port in use"]


def test_a_part_that_is_never_ready_is_given_up(process):
    part = process(WAIT)

    with pytest.raises(CannotStart, match="not ready in 0 s"):
        until(lambda: False, part, within_seconds=0.1)


def test_what_a_killed_launcher_left_is_found_by_its_directory(process, tmp_path, eventually):
    ours = process(WAIT, **mark(tmp_path))
    other = process(WAIT, **mark(tmp_path / "another"))
    eventually(lambda: orphans(tmp_path))

    assert end_orphans(tmp_path) == 1
    assert orphans(tmp_path) == []
    assert (ours.exit_code, other.running) == (-signal.SIGKILL, True)
