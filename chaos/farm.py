"""Two web processes and three workers behind proxies to RabbitMQ and MongoDB."""

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chaos.proxy import Proxy
from stack.mongod import Mongod
from stack.ports import LOOPBACK, free_port
from stack.process import Process
from stack.rabbitmq import RabbitMQ
from stack.waiting import until

WEBS, WORKERS, THREADS = 2, 3, 4
PACE = {
    "KEEPSAKE_LEASE_SECONDS": "2",
    "KEEPSAKE_BEAT_SECONDS": "0.4",
    "KEEPSAKE_SWEEP_SECONDS": "0.2",
    "KEEPSAKE_RING_GRACE_SECONDS": "1",
    "KEEPSAKE_RING_GRACE_MAX_SECONDS": "5",
    "KEEPSAKE_CRASH_LIMIT": "1000",
    "KEEPSAKE_AMQP_SOCKET_TIMEOUT_SECONDS": "2",
    "KEEPSAKE_MONGO_SOCKET_TIMEOUT_MS": "5000",
}
"""Short leases make falls frequent. The crash limit is out of reach, since here it is never the
job that kills its workers for good."""
_KEEP_SECONDS = 0.3
_ROOT = Path(__file__).parents[1]


class Farm:
    """What the monkey breaks. Clients of MongoDB go through the proxy by a direct connection."""

    def __init__(
        self, rabbitmq: RabbitMQ, mongod: Mongod, logs: Path, environment: Mapping[str, str]
    ) -> None:
        self.rabbitmq, self.mongod = rabbitmq, mongod
        self.proxies = [Proxy(rabbitmq.port), Proxy(mongod.port)]
        told = {**os.environ, **PACE, **environment}
        told["KEEPSAKE_AMQP_URL"] = rabbitmq.url.replace(
            f":{rabbitmq.port}/", f":{self.proxies[0].port}/"
        )
        told["KEEPSAKE_MONGO_URL"] = (
            f"mongodb://{LOOPBACK}:{self.proxies[1].port}/?directConnection=true"
        )
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        ports = [free_port() for _ in range(WEBS)]
        self.base_urls = [f"http://{LOOPBACK}:{port}" for port in ports]
        self.webs = [
            _process(f"web-{port}", told, logs, "uvicorn", "--factory", "web.app:serve",
                     "--host", LOOPBACK, "--port", str(port), "--no-access-log")
            for port in ports
        ]  # fmt: skip
        self.workers = [
            _process(f"worker-{number}", told, logs, "dramatiq", "chaos.worker",
                     "--processes", "1", "--threads", str(THREADS))
            for number in range(WORKERS)
        ]  # fmt: skip

    def start(self) -> None:
        """Start all and wait until they are up."""
        for proxy in self.proxies:
            proxy.start()
        for process in self.webs + self.workers:
            process.start()
        for process, ready in [
            *((web, "Uvicorn running") for web in self.webs),
            *((worker, "ready for action") for worker in self.workers),
        ]:
            until(lambda p=process, r=ready: r in p.tail(50), process, within_seconds=60)  # type: ignore[misc]
        self._keeper.start()

    def _keep(self) -> None:
        """Start again what died, as a supervisor does."""
        while not self._ended.wait(_KEEP_SECONDS):
            for process in self.webs + self.workers:
                if not process.running:
                    process.start()

    def stop(self) -> None:
        """End all; the servers are their owner's."""
        self._ended.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for process in self.webs + self.workers:
            process.kill()
        for proxy in self.proxies:
            proxy.stop()


@contextmanager
def servers(directory: Path) -> Iterator[tuple[RabbitMQ, Mongod]]:
    """A private RabbitMQ and mongod."""
    rabbitmq = RabbitMQ(directory / "rabbitmq", free_port(), free_port())
    mongod = Mongod(directory / "mongo", free_port())
    try:
        mongod.start()
        rabbitmq.start()
        yield rabbitmq, mongod
    finally:
        rabbitmq.stop()
        mongod.stop()


def _process(name: str, told: Mapping[str, str], logs: Path, *module: str) -> Process:
    return Process(name, [sys.executable, "-m", *module], log=logs / f"{name}.log",
                   environment=told, directory=_ROOT)  # fmt: skip
