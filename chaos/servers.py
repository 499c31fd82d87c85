"""The servers that a farm stands on, and what can be done to them."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from chaos.proxy import Proxy
from stack.mongod import Mongod
from stack.ports import LOOPBACK, free_port
from stack.rabbitmq import RabbitMQ

Trick = Callable[[], None]
_ASLEEP_SECONDS = 3.0


class Servers(Protocol):
    """RabbitMQ behind proxies, and MongoDB."""

    proxies: list[Proxy]

    @property
    def mongo_url(self) -> str:
        """Where MongoDB is, past the proxies: for the count."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What web and workers are told."""

    @property
    def tricks(self) -> Mapping[str, Trick]:
        """Ways to break and mend them, by name; each takes its time."""


class Single:
    """One of each. Clients of MongoDB go through the proxy by a direct connection."""

    def __init__(self, rabbitmq: RabbitMQ, mongod: Mongod) -> None:
        self._rabbitmq, self._mongod = rabbitmq, mongod
        self._amqp, self._mongo = Proxy(rabbitmq.port), Proxy(mongod.port)
        self.proxies = [self._amqp, self._mongo]

    @property
    def mongo_url(self) -> str:
        """Where the truth is."""
        return self._mongod.url

    @property
    def environment(self) -> Mapping[str, str]:
        """Both through their proxies."""
        port = self._mongo.port
        return {
            "KEEPSAKE_AMQP_URL": proxied(self._rabbitmq, self._amqp),
            "KEEPSAKE_MONGO_URL": f"mongodb://{LOOPBACK}:{port}/?directConnection=true",
        }

    @property
    def tricks(self) -> Mapping[str, Trick]:
        """Kill and start again; let hang."""
        return {"restart rabbitmq": self._restart_rabbitmq, "restart mongod": self._restart_mongod,
                "stop rabbitmq": self._stop_rabbitmq}  # fmt: skip

    def _restart_rabbitmq(self) -> None:
        self._rabbitmq.kill()
        self._rabbitmq.start()

    def _stop_rabbitmq(self) -> None:
        """Asleep past a lease, so that jobs are taken back meanwhile; its connections stay open."""
        self._rabbitmq.process.signal(signal.SIGSTOP)
        try:
            threading.Event().wait(_ASLEEP_SECONDS)
        finally:
            self._rabbitmq.process.signal(signal.SIGCONT)

    def _restart_mongod(self) -> None:
        self._mongod.kill()
        self._mongod.start()


def proxied(rabbitmq: RabbitMQ, proxy: Proxy) -> str:
    """A node's URL, by way of a proxy."""
    return rabbitmq.url.replace(f":{rabbitmq.port}/", f":{proxy.port}/")


@contextmanager
def single(directory: Path) -> Iterator[Single]:
    """A private RabbitMQ and mongod."""
    rabbitmq = RabbitMQ(directory / "rabbitmq", free_port(), free_port())
    mongod = Mongod(directory / "mongo", free_port())
    try:
        mongod.start()
        rabbitmq.start()
        yield Single(rabbitmq, mongod)
    finally:
        rabbitmq.stop()
        mongod.stop()
