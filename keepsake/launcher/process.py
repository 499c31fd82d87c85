"""Child processes, each in a session of its own so that its group can be ended; and free ports."""

import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

MARK = "KEEPSAKE_LAUNCHED_FROM"
"""The variable by which a killed launcher's children are found again."""
_PLAIN = {"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", MARK}
_FAMILIES = ("LC_", "PYTHON")
_LOG_BYTES = 10_000_000
_LOOK_SECONDS = 0.02


class CannotStart(Exception):
    """A part cannot be started; the message says in one line what to do."""


class Process:
    """Starts, stops and kills a program; its output goes to a log file.

    environment: without one the program gets what every program needs, and nothing of ours.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = [str(part) for part in command]
        self.environment = environment
        self._directory = directory
        self._child: subprocess.Popen[bytes] | None = None
        self._ending = threading.Lock()
        """Held from the look at a program to its signal, lest its id becomes another's between."""
        self._log_start = 0

    @property
    def pid(self) -> int:
        """The process's id; 0 when it was never started."""
        return self._child.pid if self._child else 0

    @property
    def running(self) -> bool:
        """Whether the program runs; the group of one that has ended is ended too."""
        with self._ending:
            return self._runs()

    def _runs(self) -> bool:
        child = self._child
        if child is None or child.returncode is not None:
            return False
        if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            return True
        # A dead leader's id is nobody else's until it is waited for: the last moment to use it.
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return False

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return None if self._child is None or self.running else self._child.returncode

    def start(self) -> None:
        """Start the program; what a dead predecessor left of its group is ended first.

        Raises:
            CannotStart: There is no such program.
        """
        self.kill()
        with self._opened_log() as output:
            try:
                self._child = subprocess.Popen(
                    self._command,
                    env=dict(plain() if self.environment is None else self.environment),
                    cwd=self._directory,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise CannotStart(f"{self._command[0]} cannot be run: {error.strerror}") from error

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program's whole group, if the program runs."""
        with self._ending:
            if self._runs():
                os.killpg(self.pid, number)

    def stop(self, grace_seconds: float = 15) -> None:
        """Ask the program to end, and kill its group when it does not within the grace."""
        with self._ending:
            runs = self._runs()
            if runs:
                os.kill(self.pid, signal.SIGTERM)
        if runs:
            with suppress(subprocess.TimeoutExpired):
                self.wait(grace_seconds)
        self.kill()

    def wait(self, seconds: float) -> None:
        """Wait until the program has ended by itself.

        Raises:
            TimeoutExpired: It runs on.
        """
        pause, deadline = threading.Event(), time.monotonic() + seconds
        while self.running:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self._command, seconds)
            pause.wait(_LOOK_SECONDS)

    def kill(self) -> None:
        """End the program's group without warning."""
        self.signal(signal.SIGKILL)
        while self.running:
            with suppress(ChildProcessError):  # another thread has seen its end
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def tail(self, lines: int = 5) -> str:
        """The end of its log, no further back than its start."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            text = log.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def rotate(self) -> None:
        """Set a log aside that has grown long, and begin it anew.

        The program holds the file and appends to it, so it is copied and emptied: lines that come
        between the two are lost. If there is no room for a copy, all are.
        """
        size_bytes = self.log.stat().st_size if self.log.exists() else 0
        if size_bytes <= _LOG_BYTES:
            return
        aside = self.log.with_suffix(".old.log")
        try:
            with self.log.open("rb") as grown, aside.open("wb") as copy:
                grown.seek(size_bytes - _LOG_BYTES)
                copy.write(grown.read(_LOG_BYTES))  # no more: it may grow as fast as it is copied
        except OSError:
            aside.unlink(missing_ok=True)
        os.truncate(self.log, 0)
        self._log_start = 0

    def _opened_log(self) -> BinaryIO:
        """Its log, to append to."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.rotate()
        log = self.log.open("ab")
        self._log_start = log.tell()
        return log


_PAUSE_SECONDS = 0.05


def until(ready: Callable[[], bool], process: Process, *, within_seconds: float) -> None:
    """Poll until a part is ready.

    Raises:
        CannotStart: It ended, or was not ready in time; a note has the end of its log.
    """
    pause = threading.Event()
    deadline = time.monotonic() + within_seconds
    while not ready():
        if not process.running:
            ended = CannotStart(f"{process.name} ended with exit code {process.exit_code}; "
                                f"see {process.log}")  # fmt: skip
            ended.add_note(process.tail())
            raise ended
        if time.monotonic() > deadline:
            raise CannotStart(f"{process.name} was not ready in {within_seconds:.0f} s; "
                              f"see {process.log}")  # fmt: skip
        pause.wait(_PAUSE_SECONDS)


def side_by_side(calls: Iterable[Callable[[], None]]) -> None:
    """Make calls that mostly wait, each in a thread; the first failure is raised at the end."""
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(call) for call in calls]
    for done in running:
        done.result()


def plain() -> dict[str, str]:
    """What a program needs that is not ours to configure."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _PLAIN or name.startswith(_FAMILIES)
    }


LOOPBACK = "127.0.0.1"
_SERVERS = range(10_000, 32_000)  # below the ports that kernels give to outgoing connections


def free_port() -> int:
    """A port that is free now and that no outgoing connection will be given.

    It is drawn at random, so that test runs side by side seldom meet.
    """
    while not is_free(port := random.choice(_SERVERS)):
        pass
    return port


def is_free(port: int) -> bool:
    """Whether one can listen on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(port: int, setting: str) -> None:
    """Make sure that a part can listen on its port.

    Raises:
        CannotStart: It is taken.
    """
    if not is_free(port):
        raise CannotStart(
            f"port {port} is taken: stop what uses it or set {setting} to another one"
        )
