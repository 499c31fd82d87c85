"""Private servers for a benchmark, and the processes that it measures; gone when it ends."""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from keepsake.access import KeyStore
from keepsake.launcher import (
    LOOPBACK,
    RABBITMQ_USER,
    Mongod,
    Process,
    RabbitMQ,
    ensure_indexes,
    free_port,
    until,
)
from keepsake.storage import connect

ROOT = Path(__file__).parents[1]
UNLIMITED = {
    "KEEPSAKE_REQUESTS_PER_SECOND": "1e9",
    "KEEPSAKE_BACKLOG_LIMIT": "1000000000",
    "KEEPSAKE_STREAMS_PER_OWNER": "1000000000",
}
"""Settings under which limits are counted and never reached."""
PEER = "peer"
_TICKS = os.sysconf("SC_CLK_TCK")
_ALL = 1_000_000
"""Lines: some peers log two for each job, and may have done a hundred at the first look."""


class OpenRabbitMQ(RabbitMQ):
    """Keepsake's node with one more user: peers declare exchanges and queues of their own."""

    @property
    def peer_url(self) -> str:
        """Where peers connect, with all rights."""
        return self.url.replace(f"//{RABBITMQ_USER}:", f"//{PEER}:", 1)

    def _write_configuration(self) -> None:
        super()._write_configuration()
        path = self._directory / "conf" / "definitions.json"
        definitions = json.loads(path.read_text())
        (ours,) = (user for user in definitions["users"] if user["name"] == RABBITMQ_USER)
        definitions["users"].append({**ours, "name": PEER})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        (rights,) = (
            rights for rights in definitions["permissions"] if rights["user"] == RABBITMQ_USER
        )
        definitions["permissions"].append({**rights, **everything, "user": PEER})
        path.write_text(json.dumps(definitions))


class BenchServers:
    """One RabbitMQ and one mongod that all sides of a comparison share."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.mongod = Mongod(directory / "mongo", free_port())
        self.rabbitmq = OpenRabbitMQ(directory / "rabbitmq", free_port(), free_port())
        self._processes: list[Process] = []

    def open(self) -> None:
        """Start both and name them in the environment."""
        self.mongod.start()
        self.rabbitmq.start()
        os.environ["KEEPSAKE_DATA_DIR"] = str(self._directory)
        os.environ["KEEPSAKE_MONGO_URL"] = self.mongod.url
        os.environ["KEEPSAKE_AMQP_URL"] = self.rabbitmq.url
        os.environ["KEEPSAKE_MANAGEMENT_URL"] = self.rabbitmq.management_url
        os.environ["PEER_AMQP_URL"] = self.rabbitmq.peer_url

    def close(self) -> None:
        """Stop everything."""
        for process in self._processes:
            process.stop(grace_seconds=5)
        self.rabbitmq.stop()
        self.mongod.stop()

    @property
    def last(self) -> Process:
        """The process that was started last."""
        return self._processes[-1]

    def key(self, owner: str = "bench") -> str:
        """An API key."""
        database = connect()
        ensure_indexes(database)
        key = KeyStore(database).create(owner)
        database.client.close()
        return key

    def web(self, application: str, **environment: str) -> int:
        """One uvicorn process of an application; the port it listens on."""
        port = free_port()
        command = ["-m", "uvicorn", *application.split(), "--host", LOOPBACK,
                   "--port", str(port), "--no-access-log"]  # fmt: skip
        self.python(application.split()[-1], command, "Uvicorn running", **environment)
        return port

    def keepsake(self, **environment: str) -> int:
        """Keepsake's web server, as `make run` starts it, without limits; its port."""
        port = free_port()
        settings = {**UNLIMITED, "KEEPSAKE_HTTP_PORT": str(port), **environment}
        self.python("web", ["-m", "web"], "web.serving", **settings)
        return port

    def dramatiq(self, module: str, threads: int, **environment: str) -> Process:
        """One worker process."""
        command = ["-m", "middleware.work", module, "--processes", "1", "--threads", str(threads)]
        return self.python(module, command, "ready for action", **environment)

    def python(
        self, name: str, arguments: Sequence[str], ready: str, **environment: str
    ) -> Process:
        """Start a Python program and wait until its log says that it is ready."""
        process = Process(
            name, [sys.executable, *arguments], directory=ROOT,
            log=self._directory / "log" / f"{len(self._processes)}.log",
            environment={**os.environ, **environment},
        )  # fmt: skip
        self._processes.append(process)
        process.start()
        until(lambda: ready in process.tail(_ALL), process, within_seconds=60)
        return process


@contextmanager
def private_servers() -> Iterator[BenchServers]:
    """The servers, up and empty."""
    with tempfile.TemporaryDirectory() as name:
        servers = BenchServers(Path(name))
        try:
            servers.open()
            yield servers
        finally:
            servers.close()


def cpu_seconds(processes: Iterable[int]) -> float:
    """What processes and their ended children have used."""
    return sum(sum(_stat(process)[11:15]) for process in processes) / _TICKS


def children(process: int) -> list[int]:
    """The processes that one has started."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in listed for child in file.read_text().split()]


def family(process: int) -> list[int]:
    """A process and all that it and its children have started."""
    return [process, *(member for child in children(process) for member in family(child))]


def peak_mb(process: int) -> int:
    """The most memory that a process has had."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def _stat(process: int) -> list[int]:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:  # it ended: its parent counts it now
        return [0] * 15
    return [int(field) if field.lstrip("-").isdigit() else 0 for field in fields]
