"""Tells Kubernetes, Docker and systemd how the worker processes of this one are.

`/healthz`: none hangs. `/startupz`: and all consume. `/readyz`: and all take jobs, and have stored
a heartbeat lately. What is answered the processes have said; nobody else is asked.
"""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from middleware.health import WorkerHealth

_log = logging.getLogger("keepsake.workers")
_SILENT_SECONDS = 15.0
"""A process that says nothing for so long is hung: it says something each second."""
_REQUEST_SECONDS = 5.0
_TOLD_SECONDS = 1.0
_READ_BYTES = 65_536


class Board:
    """The newest word of each worker process.

    processes: how many there are to be.
    """

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._heard: dict[int, tuple[float, WorkerHealth]] = {}

    def note(self, health: WorkerHealth) -> None:
        """Hear a process."""
        self._heard[health.pid] = (time.monotonic(), health)

    def shown(self) -> list[dict[str, Any]]:
        """What each process has said, and how long ago."""
        now = time.monotonic()
        heard = sorted(self._heard.values(), key=lambda each: each[1].pid)
        return [{"silent_seconds": round(now - at, 1), **asdict(health)} for at, health in heard]

    def hung(self) -> Iterator[str]:
        """Why the processes are to be killed and started again; nothing while one begins."""
        for at, health in list(self._heard.values()):
            silent = time.monotonic() - at
            if silent > _SILENT_SECONDS:
                yield f"process {health.pid} has said nothing for {silent:.0f} s"
            for name, count in health.gone.items():
                yield f"process {health.pid} has lost threads: {count} {name}"
            if not health.renews:
                yield f"process {health.pid} renews no leases"

    def unstarted(self) -> Iterator[str]:
        """Why not all consume yet, or are hung."""
        yield from self.starting()
        yield from self.hung()

    def starting(self) -> Iterator[str]:
        """Why not all consume yet."""
        up = [health for _, health in list(self._heard.values()) if health.phase != "starting"]
        if len(up) < self._processes:
            yield f"{len(up)} of {self._processes} processes consume"

    def unready(self) -> Iterator[str]:
        """Why some take no jobs, or others take them for dead."""
        yield from self.unstarted()
        for _, health in list(self._heard.values()):
            if health.phase in {"draining", "stopping"}:
                yield f"process {health.pid} is {health.phase}"
            if not health.heartbeat_fresh:
                age = health.heartbeat_age_seconds
                lately = "yet" if age is None else f"for {age:.0f} s"
                yield f"process {health.pid} has stored no heartbeat {lately}"


class HealthServer:
    """Hears the processes on a pipe, in one thread; answers HTTP, and tells systemd.

    reading: the pipe. address: where to listen; None: nowhere. notified: the socket that systemd
    listens on (sd_notify(3)), if it started this process.
    """

    def __init__(
        self, processes: int, reading: int, address: tuple[str, int] | None, notified: str
    ) -> None:
        self._board = Board(processes)
        self._reading, self._notified = reading, notified
        self._up = False
        self._http = _listening(self._board, address) if address else None

    def start(self) -> None:
        """Begin. No thread may be there before the processes are forked."""
        threading.Thread(target=self._hear, name="health", daemon=True).start()
        if self._http is not None:
            threading.Thread(target=self._http.serve_forever, name="probes", daemon=True).start()

    def close(self) -> None:
        """Close what a fork has of this."""
        os.close(self._reading)
        if self._http is not None:
            self._http.server_close()

    def _hear(self) -> None:
        rest, told_at = b"", 0.0
        while read := os.read(self._reading, _READ_BYTES):
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                self._board.note(WorkerHealth.read(line))
            if self._notified and time.monotonic() - told_at > _TOLD_SECONDS:
                told_at = time.monotonic()
                self._tell_systemd()

    def _tell_systemd(self) -> None:
        """Say that the unit is up, and that its watchdog need not bite."""
        hung, up = any(self._board.hung()), not any(self._board.starting())
        said = (["READY=1"] if up and not self._up else []) + ([] if hung else ["WATCHDOG=1"])
        if not said:
            return
        self._up = up
        place = self._notified
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0)  # who is to hear the processes waits for nobody
            sender.connect(f"\0{place[1:]}" if place.startswith("@") else place)
            sender.send("\n".join(said).encode())


def _listening(board: Board, address: tuple[str, int]) -> ThreadingHTTPServer | None:
    """None when the port is taken, which is logged: jobs matter more than who asks for them."""
    probes = {"/healthz": board.hung, "/startupz": board.unstarted, "/readyz": board.unready}

    class Answers(BaseHTTPRequestHandler):
        timeout = _REQUEST_SECONDS
        server_version, sys_version = "keepsake", ""

        def do_GET(self) -> None:
            if (probe := probes.get(self.path)) is None:
                self._answer(404, {"status": "no such probe", "probes": sorted(probes)})
                return
            why = list(probe())
            state = {"status": "failing" if why else "ok", "why": why, "workers": board.shown()}
            self._answer(503 if why else 200, state)

        def _answer(self, code: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """A probe is no news."""

    class Listener(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET

    try:
        return Listener(address, Answers)
    except OSError as error:
        _log.error("health.no_port", extra={"error": error.strerror})
        return None
