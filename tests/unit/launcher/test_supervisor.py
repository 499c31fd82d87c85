import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from keepsake.launcher.process import CannotStart, Process
from keepsake.launcher.supervisor import Component, Stopped, Supervisor

WAIT = "import threading; threading.Event().wait()"


@pytest.fixture
def lines():
    return []


@pytest.fixture
def supervisor(lines):
    supervisor = Supervisor(lines.append)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def program(tmp_path):
    def make(name: str, script: str = WAIT) -> tuple[Process, Component]:
        process = Process(name, [sys.executable, "-c", script], log=tmp_path / f"{name}.log")
        return process, Component(name, process.start, process.stop, lambda: process.running,
                             lambda: f"exit code {process.exit_code}")  # fmt: skip

    return make


def test_a_part_that_dies_is_started_again_and_it_is_said(supervisor, program, lines, eventually):
    process, part = program("web")
    supervisor.start(part)
    first = process.pid

    process.kill()

    eventually(lambda: "web is back" in lines)
    assert lines[0] == "web died (exit code -9); starting it again in 0.5 s"
    assert process.running
    assert process.pid != first


def test_a_part_that_found_no_room_is_started_again_until_there_is_some(
    supervisor, program, lines, eventually
):
    process, part = program("web")
    starts = iter([process.start, full, process.start])
    supervisor.start(replace(part, start=lambda: next(starts)()))

    process.kill()

    eventually(lambda: "web is back" in lines)
    assert "web did not come back: [Errno 28] No space left on device" in lines


def full():
    """What is written to a full disk."""
    with Path("/dev/full").open("w", buffering=1) as file:
        file.write("a line\n")


def test_a_part_that_keeps_dying_is_started_less_and_less_often(
    supervisor, program, lines, eventually
):
    _, part = program("worker", "")
    supervisor.start(part)

    eventually(lambda: len([line for line in lines if "died" in line]) >= 3, within=60)
    pauses = [line.rsplit(" in ", 1)[1] for line in lines if "died" in line]
    assert pauses[:3] == ["0.5 s", "1 s", "2 s"]


def test_a_part_that_hangs_while_it_starts_holds_up_no_other(
    supervisor, program, lines, eventually
):
    released, hanging = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        released.wait()

    starts = iter([lambda: None, hang])
    hangs = Component("hangs", lambda: next(starts)(), released.set, lambda: False, lambda: "gone")
    process, part = program("web")
    supervisor.start(hangs, part)
    eventually(hanging.is_set)

    process.kill()

    eventually(lambda: "web is back" in lines)


def test_one_part_that_cannot_start_is_the_reason(supervisor, program):
    def fail() -> None:
        raise CannotStart("no RabbitMQ")

    process, part = program("web")
    broken = Component("RabbitMQ", fail, lambda: None, lambda: False, lambda: "")

    with pytest.raises(CannotStart, match="no RabbitMQ"):
        supervisor.start(part, broken)
    supervisor.stop()
    assert not process.running


def test_a_stop_does_not_wait_for_a_slow_start(supervisor):
    released = threading.Event()
    slow = Component("slow", released.wait, released.set, lambda: True, lambda: "")
    threading.Timer(0.1, supervisor.stopping.set).start()

    with pytest.raises(Stopped):
        supervisor.start(slow)


def test_parts_start_while_those_that_were_begun_before_are_not_up_yet(supervisor):
    released = threading.Event()
    (begun,) = supervisor.begin(
        Component("slow", lambda: released.wait() and None, released.set, lambda: True, lambda: "")
    )

    supervisor.start(Component("quick", lambda: None, lambda: None, lambda: True, lambda: ""))
    assert not begun.decided.is_set()

    released.set()
    supervisor.await_up([begun])


def test_a_part_that_a_stop_came_too_early_for_is_stopped_all_the_same(supervisor):
    stops = threading.Semaphore(0)

    def start() -> None:
        """Be up, or hear of a stop, only when the second has come."""
        stops.acquire()
        stops.acquire()

    (keeper,) = supervisor.begin(
        Component("late", start, stops.release, lambda: True, lambda: "")
    )  # fmt: skip
    supervisor.stop()

    assert not keeper.is_alive()


def test_the_last_group_stops_first(supervisor):
    stopped: list[str] = []

    def part(name: str) -> Component:
        return Component(name, lambda: None, lambda: stopped.append(name), lambda: True, lambda: "")

    supervisor.start(part("server"))
    supervisor.start(part("web"))
    supervisor.stop()

    assert list(dict.fromkeys(stopped)) == ["web", "server"]
