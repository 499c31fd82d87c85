"""A checkout of some commit with servers of its own, driven by a benchmark of the present one.

`BENCH_AGAINST=COMMIT make bench-accept` (or `bench-throughput`, `bench-end_to_end`) measures that
commit beside the present one, round by round in one run. The commit's own benchmark code starts its
servers, web and workers: this file runs there as a program, reads one request a line from its
input and answers with a line of JSON. So it imports only what every commit's `bench` has.
"""

import inspect
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

AGAINST = os.environ.get("BENCH_AGAINST", "")
"""The commit to measure beside the present one; none if it is empty."""
_ROOT = Path(__file__).parents[1]
_QUEUES = ("keepsake.memory", "keepsake.memory.overflow")


class Checkout:
    """What the benchmark code of a checkout offers; each call is one line there and one back."""

    def __init__(self, name: str, child: "subprocess.Popen[str]") -> None:
        self.name = name
        self._child = child

    def web(self, processes: int = 1) -> tuple[int, str]:
        """Start web; its port and a key."""
        port, key = self._ask("web", processes)
        return port, key

    def work(self, threads: int) -> "Checkout":
        """Start a no-op worker process; what is returned can stop it."""
        self._ask("work", threads)
        return self

    def stop(self, grace_seconds: float = 15) -> None:
        """Stop web and workers."""
        self._ask("stop", grace_seconds)

    def fill(self, numbers: list[dict[str, Any]]) -> None:
        """Accept and notify jobs with these payloads."""
        self._ask("fill", numbers)

    def left(self) -> int:
        """How many notifications no worker has."""
        return int(self._ask("left"))

    def succeeded(self) -> int:
        """How many jobs have succeeded."""
        return int(self._ask("succeeded"))

    def empty(self) -> None:
        """Remove all jobs and notifications."""
        self._ask("empty")

    def processes(self) -> dict[str, list[int]]:
        """The leading processes of each part."""
        processes: dict[str, list[int]] = self._ask("processes")
        return processes

    def _ask(self, name: str, *arguments: Any) -> Any:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        print(json.dumps([name, *arguments]), file=self._child.stdin, flush=True)
        answer = self._child.stdout.readline()
        if not answer:
            raise RuntimeError(f"the benchmark code of {self.name} ended; its error is above")
        return json.loads(answer)


@contextmanager
def present() -> Iterator[Checkout]:
    """The code that is measured, as it stands in its directory."""
    with _opened("present", _ROOT) as checkout:
        yield checkout


@contextmanager
def former() -> Iterator[list[Checkout]]:
    """The commit that BENCH_AGAINST names, if it names one; its files are gone afterwards."""
    with ExitStack() as stack:
        if not AGAINST:
            yield []
            return
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        unpack(AGAINST, directory)
        yield [stack.enter_context(_opened(AGAINST, directory))]


def unpack(commit: str, directory: Path) -> None:
    """Write the files of a commit into a directory."""
    archive = subprocess.run(
        ["git", "-C", _ROOT, "archive", commit], check=True, stdout=subprocess.PIPE
    )
    subprocess.run(["tar", "-x", "-C", directory], input=archive.stdout, check=True)


@contextmanager
def _opened(name: str, directory: Path) -> Iterator[Checkout]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("KEEPSAKE_")}
    child = subprocess.Popen(
        [sys.executable, "-P", __file__],  # without -P `bench/memory.py` would be `memory`
        cwd=directory, env={**ours, "PYTHONPATH": str(directory)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with child:  # it stops its servers when its input ends
        yield Checkout(name, child)


class _Offer:
    """The answers, made by the `bench` of the checkout that this runs in."""

    def __init__(self, servers: Any) -> None:
        from bench import workers  # noqa: PLC0415 - this checkout's

        self._servers = servers
        self._key = servers.key()
        self._side = workers.ours(servers)
        self._started: dict[str, list[Any]] = {"web": [], "worker": []}

    def web(self, processes: int) -> tuple[int, str]:
        port = self._servers.keepsake(KEEPSAKE_WEB_PROCESSES=str(processes))
        self._started["web"].append(self._servers.last)
        return port, self._key

    def work(self, threads: int) -> None:
        self._started["worker"].append(self._side.work(threads))

    def stop(self, grace_seconds: float) -> None:
        for processes in self._started.values():
            while processes:
                processes.pop().stop(grace_seconds=grace_seconds)

    def fill(self, payloads: list[dict[str, Any]]) -> None:
        self._side.fill(payloads)

    def left(self) -> int:
        return int(self._side.left())

    def succeeded(self) -> int:
        return int(self._jobs("count_documents", {"state": "succeeded"}))

    def empty(self) -> None:
        import pika  # noqa: PLC0415

        self._jobs("delete_many", {})
        parameters = pika.URLParameters(os.environ["PEER_AMQP_URL"])
        with pika.BlockingConnection(parameters) as connection:
            for queue in _QUEUES:
                connection.channel().queue_purge(queue)

    def processes(self) -> dict[str, list[int]]:
        servers = {"mongod": [self._servers.mongod], "rabbitmq": [self._servers.rabbitmq]}
        leading = {part: [server.process for server in every] for part, every in servers.items()}
        return {part: [process.pid for process in every]
                for part, every in {**self._started, **leading}.items()}  # fmt: skip

    def _jobs(self, name: str, which: dict[str, Any]) -> Any:
        from pymongo import MongoClient  # noqa: PLC0415

        with MongoClient[dict[str, Any]](os.environ["KEEPSAKE_MONGO_URL"]) as client:
            return getattr(client["keepsake"]["jobs"], name)(which)


def _serve() -> None:
    from bench import servers  # noqa: PLC0415

    (opened,) = [
        function
        for function in vars(servers).values()
        if inspect.isfunction(function) and function.__module__ == servers.__name__
        and not inspect.signature(function).parameters
    ]  # fmt: skip
    with opened() as started:  # whatever the commit calls what opens its servers
        offer = _Offer(started)
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            print(json.dumps(getattr(offer, name)(*arguments)), flush=True)


if __name__ == "__main__":
    _serve()
