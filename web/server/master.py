"""The master: binds the port, keeps one web process or several, replaces the dead and the hung.

A hung process is one whose event loop writes no heartbeat: its threads may be well, and its socket
accepts connections that are never answered. Uvicorn's own master asks a thread, which proves
nothing about the event loop. It imports as little as it can: its children start after it.
"""

import logging
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import Annotated

from pydantic import Field, ValidationError

from keepsake.storage import Audience, Settings, explained
from middleware.logs import configure_logs

_ALLOCATING = {"MALLOC_ARENA_MAX": "2"}
"""glibc keeps what threads have freed for each of eight arenas a core: 35 MB after long turns."""
START_SECONDS = 90.0
"""Until the first heartbeat: a busy machine loads the application slowly."""
_LOOK_SECONDS = 0.1
_BACKOFF_SECONDS = 0.5
_BACKOFF_MAX_SECONDS = 30.0
_STEADY_SECONDS = 60.0
_log = logging.getLogger("keepsake.server")
ACCEPTED_AT_ONCE = 64
"""Connections that asyncio takes in one iteration of its loop."""
_UNCOUNTED_FILES = 5 * ACCEPTED_AT_ONCE
"""It makes and ends a connection in four iterations, and accepts others in each of them."""
_FILES_WANTED = 65_536
_OWN_FILES = 128
"""Logs, pipes, modules that are being read, the driver's monitors, RabbitMQ's connections."""


class ServerSettings(Settings):
    """One port, the processes that serve it, and their limits of bytes, time and connections."""

    audience = Audience.CLIENTS

    http_host: Annotated[str, Audience.BEGINNERS] = "127.0.0.1"
    """Where the API listens; `0.0.0.0` in the image."""
    http_port: Annotated[int, Audience.BEGINNERS] = Field(default=8000, ge=1, le=65_535)
    """The API."""
    web_processes: int = Field(default=1, ge=1, le=64)
    """Web processes behind one port."""
    web_connections: int = Field(default=4_000, ge=16)
    """Open connections of a web process; fewer, if it may not open so many files. Past them, the
    connection that has waited longest for a request gives way."""
    web_silence_seconds: Annotated[float, Audience.TUNING] = Field(default=10, ge=2)
    """A web process whose event loop is silent for so long is killed and replaced."""
    head_timeout_seconds: float = Field(default=10, gt=0)
    """From the connection, or the last answer, to the end of the next head."""
    body_timeout_seconds: float = Field(default=60, gt=0)
    """From the end of the head to the end of the body; a second more for each 100 kB that came."""
    write_timeout_seconds: float = Field(default=30, gt=0)
    """How long a client may leave unread what was sent; then its connection is cut."""


def raise_file_limit() -> None:
    """Allow this process and its children as many files as the system lets them have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, _FILES_WANTED)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def room_for_connections(database_connections: int) -> int:
    """Files that are left for clients beside the database's connections and our own."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _FILES_WANTED if soft == resource.RLIM_INFINITY else soft
    return max(allowed - database_connections - _OWN_FILES - _UNCOUNTED_FILES, 16)


class WebChild:
    """One web process. Its event loop writes heartbeats into a pipe that the master reads."""

    def __init__(self, module: str, listening: int) -> None:
        self._heartbeats, writing_end = os.pipe()
        os.set_blocking(self._heartbeats, False)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(listening), str(writing_end)],
                pass_fds=(listening, writing_end),
                stdin=subprocess.DEVNULL,
                env={**_ALLOCATING, **os.environ},
            )
        finally:
            os.close(writing_end)
        self.started_at = time.monotonic()
        self.heartbeat_at = self.started_at
        self.serves = False

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def listen(self) -> None:
        """Read the heartbeats that have arrived."""
        with suppress(BlockingIOError):
            if os.read(self._heartbeats, 4_096):
                self.serves, self.heartbeat_at = True, time.monotonic()

    def silent(self, seconds: float) -> bool:
        """Whether there was no heartbeat for so long; before the first, for a whole start."""
        allowed = seconds if self.serves else max(seconds, START_SECONDS)
        return time.monotonic() - self.heartbeat_at > allowed

    def excuse(self) -> None:
        """Count its silence from now on."""
        self.heartbeat_at = time.monotonic()

    def stop(self) -> None:
        """Ask it to end."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it without warning."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Forget the pipe of one that has ended."""
        os.close(self._heartbeats)


class ProcessSlot:
    """A place for one web process: the child that fills it, and when the next may start."""

    def __init__(self, module: str, listening: int, silence_seconds: float) -> None:
        self._module = module
        self._listening = listening
        self._silence_seconds = silence_seconds
        self._falls = 0
        self._again_at = 0.0
        self.child: WebChild | None = None

    def fill(self) -> None:
        """Start a child, if there is none and the pause is over."""
        if self.child is None and time.monotonic() >= self._again_at:
            self.child = WebChild(self._module, self._listening)

    def look(self) -> None:
        """Hear the child; kill it if it hangs, forget it if it has ended."""
        child = self.child
        if child is None:
            return
        served = child.serves
        child.listen()
        if child.serves and not served:
            _log.info("web.serving", extra={"pid": child.pid})
        if child.exit_code is None and child.silent(self._silence_seconds):
            _log.error("web.hung", extra={"pid": child.pid, "seconds": self._silence_seconds})
            child.kill()
        if child.exit_code is not None:
            self._lose(child)

    def _lose(self, child: WebChild) -> None:
        steady = time.monotonic() - child.started_at > _STEADY_SECONDS
        self._falls = 0 if steady else self._falls + 1
        pause = min(_BACKOFF_SECONDS * 2.0**self._falls, _BACKOFF_MAX_SECONDS)
        self._again_at = time.monotonic() + pause
        _log.warning("web.ended", extra={"pid": child.pid, "code": child.exit_code})
        child.close()
        self.child = None


class Master:
    """Keeps all slots filled until it is asked to stop."""

    def __init__(self, settings: ServerSettings, listening: socket.socket, module: str) -> None:
        self._listening = listening
        self._slots = [
            ProcessSlot(module, listening.fileno(), settings.web_silence_seconds)
            for _ in range(settings.web_processes)
        ]
        self._excused_seconds = settings.web_silence_seconds / 2
        self._stopping = False

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT; the exit code.

        1 when a child ends before any has served: a setting is wrong.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._asked)
        served = failed = False
        while not self._stopping and not failed:
            for slot in self._slots:
                slot.fill()
            self._look()
            served = served or any(child.serves for child in self._children)
            failed = not served and len(self._children) < len(self._slots)
        self._listening.close()  # who came now would wait for a process that never takes them
        for child in self._children:
            child.stop()
        while self._children:
            self._look()
        return int(failed)

    @property
    def _children(self) -> list[WebChild]:
        return [slot.child for slot in self._slots if slot.child is not None]

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _look(self) -> None:
        """Look after all children once; what this process slept through is no silence of theirs."""
        began = time.monotonic()
        select.select((), (), (), _LOOK_SECONDS)  # a span, unlike `sleep`, which sets a time
        if time.monotonic() - began > self._excused_seconds:
            for child in self._children:
                child.excuse()
        for slot in self._slots:
            slot.look()


def main(module: str = "web.server.process") -> int:
    """Run the server that the environment describes; the exit code.

    module: what a child runs, with the numbers of the listening socket and of its pipe.
    """
    configure_logs()
    try:
        settings = ServerSettings()
    except ValidationError as error:
        print(f"keepsake: {explained(error)}", file=sys.stderr)  # noqa: T201 - before there is a log
        return 1
    raise_file_limit()
    address = (settings.http_host, settings.http_port)
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    try:
        listening = socket.create_server(address, family=family)
    except OSError as error:
        fault = (
            error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        )
        reason = f"cannot listen on {settings.http_host}:{settings.http_port}: {fault}"
        print(f"keepsake: {reason}", file=sys.stderr)  # noqa: T201 - as above
        return 1
    with listening:
        return Master(settings, listening, module).run()
