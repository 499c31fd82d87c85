"""How much of the code a reader crosses: the modules and moves of an accept and of an attempt.

`make walk` starts a web process and a worker process with a profile function in all their threads,
posts turns, and prints what it saw. A *move* is a call from one of our modules into another one, or
into one of ours from outside. It also prints how long our modules are.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import httpx

from bench.servers import ROOT, BenchServers, private_servers
from keepsake.launcher import LOOPBACK, free_port

ROUNDS, _WARM_UPS = 8, 3
"""What another thread does beside is not in all of them."""
_START_SECONDS = 90
_QUIET = {"KEEPSAKE_SWEEP_SECONDS": "600"}
"""Relay and sweeper do not work beside."""
PACKAGES = ("actors", "bench", "chaos", "keepsake", "middleware", "web")
_OUTSIDE = ("bench", "tests", ".venv")
_LONG, _SHORT = 350, 40


class Recorder:
    """A profile function that notes calls between our modules."""

    def __init__(self) -> None:
        self._names: dict[str, str | None] = {}
        self.forget()

    def forget(self) -> None:
        """Start anew."""
        self._modules: set[str] = set()
        self._frames: dict[int, FrameType] = {}
        self._moves = 0

    def report(self) -> dict[str, Any]:
        """What was crossed since the start."""
        return {"modules": sorted(self._modules), "moves": self._moves}

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Note a call; a coroutine or generator that goes on is none."""
        if event != "call" or (module := self._module(frame)) is None:
            return
        self._modules.add(module)
        if self._frames.get(id(frame)) is frame:
            return
        self._frames[id(frame)] = frame
        if self._caller(frame) != module:
            self._moves += 1

    def _caller(self, frame: FrameType) -> str | None:
        """The module of ours that called, maybe through others' code."""
        caller = frame.f_back
        while caller is not None:
            if (module := self._module(caller)) is not None:
                return module
            caller = caller.f_back
        return None

    def _module(self, frame: FrameType) -> str | None:
        path = frame.f_code.co_filename
        if path not in self._names:
            self._names[path] = _ours(Path(path))
        return self._names[path]


def _ours(path: Path) -> str | None:
    """The path of a module of ours below the root; None for others."""
    if not path.is_relative_to(ROOT):
        return None
    inner = path.relative_to(ROOT)
    return None if inner.parts[0] in _OUTSIDE else inner.as_posix()


def record() -> None:
    """Profile this process; answer each line on standard input with a report, and start anew."""
    recorder = Recorder()

    def answer() -> None:
        for _ in sys.stdin:
            report = recorder.report()
            recorder.forget()
            print(json.dumps(report), flush=True)

    threading.Thread(target=answer, daemon=True).start()
    threading.setprofile(recorder)
    sys.setprofile(recorder)


def web(port: str) -> None:
    """A web process without a master."""
    from web.server import process  # noqa: PLC0415 - loaded under the profile function

    listening = socket.create_server((LOOPBACK, int(port)))
    _, heartbeats = os.pipe()
    sys.argv[1:] = [str(listening.detach()), str(heartbeats)]
    process.serve()


def worker() -> None:
    """A worker process without a master."""
    import dramatiq  # noqa: PLC0415

    import actors  # noqa: F401, PLC0415 - sets the broker

    broker = dramatiq.get_broker()
    broker.emit_after("process_boot")
    dramatiq.Worker(broker, worker_threads=4).start()
    threading.Event().wait()


class Profiled:
    """One of the two processes above, as the one that measures sees it."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.walk", *arguments], cwd=ROOT, text=True,
            env={**os.environ, **_QUIET}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def report(self) -> dict[str, Any]:
        """What it crossed since the last report."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith('{"modules"'):
                report: dict[str, Any] = json.loads(line)
                return report
        raise RuntimeError("the process has ended")

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()


@contextmanager
def profiled(*arguments: str) -> Iterator[Profiled]:
    """A process that ends with the block."""
    process = Profiled(*arguments)
    try:
        yield process
    finally:
        process.end()


class Journeys:
    """What each of several runs crossed, and their fewest moves."""

    def __init__(self, reports: list[dict[str, Any]]) -> None:
        self.modules = sorted(set.intersection(*(set(each["modules"]) for each in reports)))
        self.moves = min(each["moves"] for each in reports)

    def lines(self, what: str) -> list[str]:
        """The figures, and the modules by name."""
        return [f"{what}: {len(self.modules)} modules, {self.moves} moves",
                *(f"  {module}" for module in self.modules)]  # fmt: skip


def accepts(key: str) -> Journeys:
    """`POST /v2/memory/ingest` until its 202, in web."""
    port = free_port()
    with profiled("web", str(port)) as process, _client(port, key) as client:
        _wait_for(client)
        reports = []
        for number in range(ROUNDS):
            process.report()
            _post(client, f"accept {number}", 202)
            reports.append(process.report())
    return Journeys(reports[_WARM_UPS:])


def attempts(servers: BenchServers, key: str) -> Journeys:
    """A `memory.ingest` from its message until the job has succeeded, in a worker."""
    with _client(servers.keepsake(), key) as client, profiled("worker") as process:
        reports = []
        for number in range(ROUNDS):
            process.report()
            _post(client, f"attempt {number}", 200, Prefer="wait=60")
            reports.append(process.report())
    return Journeys(reports[_WARM_UPS:])


def _client(port: int, key: str) -> httpx.Client:
    return httpx.Client(base_url=f"http://{LOOPBACK}:{port}", trust_env=False, timeout=90,
                        headers={"Authorization": f"Bearer {key}"})  # fmt: skip


def _wait_for(client: httpx.Client) -> None:
    pause, deadline = threading.Event(), time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if client.get("/readyz").is_success:
                return
        pause.wait(0.1)
    raise TimeoutError("web was not ready in time")


def _post(client: httpx.Client, text: str, status: int, **headers: str) -> None:
    turn = {"user_query": f"I moved to Lisbon. This is {text}.", "user_id": "ana"}
    answer = client.post("/v2/memory/ingest", json=turn, headers=headers)
    if answer.status_code != status:
        raise RuntimeError(f"answered {answer.status_code}: {answer.text}")


def sizes() -> list[str]:
    """How many modules of ours there are outside the tests, and how long."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    lines = [len(path.read_text().splitlines()) for path in paths]
    return [
        f"modules outside tests: {len(paths)}, median {statistics.median(lines):g} lines",
        f"over {_LONG} lines: {sum(count > _LONG for count in lines)}, "
        f"under {_SHORT}: {sum(count < _SHORT for count in lines)}",
    ]


def main() -> None:
    """Run as a profiled process, or measure and print."""
    if sys.argv[1:2] == ["web"]:
        record()
        web(sys.argv[2])
    elif sys.argv[1:2] == ["worker"]:
        record()
        worker()
    else:
        with private_servers() as servers:
            key = servers.key()
            print("\n".join(accepts(key).lines("accept")))
            print("\n".join(attempts(servers, key).lines("attempt")))
        print("\n".join(sizes()))


if __name__ == "__main__":
    main()
