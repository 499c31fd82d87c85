"""The servers that a processes stands on, and what can be done to them."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chaos.disks import fill_mongod, filled
from chaos.proxy import Proxy
from keepsake.launcher.faketime import SteppedClock
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.ports import LOOPBACK, free_port
from keepsake.launcher.rabbitmq import RabbitMQ

Fault = Callable[[], None]
_ASLEEP_SECONDS = 3.0
_CLOCK_BACK_SECONDS = -900


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one process to the servers, through proxies of its own.

    mongodb: none where its members name themselves to clients, and so are reached past any proxy.
    """

    environment: Mapping[str, str]
    rabbitmq: Sequence[Proxy]
    mongodb: Sequence[Proxy] = ()

    @property
    def proxies(self) -> list[Proxy]:
        """All of them."""
        return [*self.rabbitmq, *self.mongodb]


class Servers(Protocol):
    """RabbitMQ and MongoDB."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Where they are, past all proxies: for the count."""

    def route(self) -> Route:
        """A new way for a process."""

    @property
    def faults(self) -> Mapping[str, Fault]:
        """Ways to break and mend them, by name; each takes its time."""


class Single:
    """One of each. Clients of MongoDB go through the proxy by a direct connection."""

    def __init__(self, rabbitmq: RabbitMQ, mongod: Mongod, clock: SteppedClock) -> None:
        self._rabbitmq, self._mongod, self._clock = rabbitmq, mongod, clock

    @property
    def environment(self) -> Mapping[str, str]:
        """Where both are."""
        return {"KEEPSAKE_AMQP_URL": self._rabbitmq.url, "KEEPSAKE_MONGO_URL": self._mongod.url}

    def route(self) -> Route:
        """To both through a proxy each."""
        amqp, mongo = Proxy(self._rabbitmq.port), Proxy(self._mongod.port)
        environment = {
            "KEEPSAKE_AMQP_URL": proxied(self._rabbitmq, amqp),
            "KEEPSAKE_MONGO_URL": f"mongodb://{LOOPBACK}:{mongo.port}/?directConnection=true",
        }
        return Route(environment, [amqp], [mongo])

    @property
    def faults(self) -> Mapping[str, Fault]:
        """Kill and start again; let hang; fill their disks; step MongoDB's clock."""
        return {
            "restart rabbitmq": self._restart_rabbitmq,
            "restart mongod": self._restart_mongod,
            "stop rabbitmq": self._stop_rabbitmq,
            "fill disk of rabbitmq": self._fill_rabbitmq,
            "fill disk of mongod": self._fill_mongod,
            "step clock of mongod": self._step_clock,
        }

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

    def _fill_rabbitmq(self) -> None:
        with filled(self._rabbitmq):
            threading.Event().wait(_ASLEEP_SECONDS)

    def _fill_mongod(self) -> None:
        fill_mongod(self._mongod)
        self._mongod.start()

    def _step_clock(self) -> None:
        """Back by a quarter of an hour, and forward again, both while it runs.

        A clock that can be stepped makes mongod slow, so it has one for the length of the fault.
        """
        with self._with_clock(self._clock.environment):
            for seconds in (_CLOCK_BACK_SECONDS, 0):
                self._clock.step(seconds)
                threading.Event().wait(_ASLEEP_SECONDS)

    @contextmanager
    def _with_clock(self, environment: Mapping[str, str]) -> Iterator[None]:
        """Run mongod in an environment of the fault's; it is started anew before and after."""
        process, usual = self._mongod.process, self._mongod.process.environment
        try:
            process.environment = environment
            self._restart_mongod()
            yield
        finally:
            process.environment = usual
            self._restart_mongod()


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
        yield Single(rabbitmq, mongod, SteppedClock(directory / "clock"))
    finally:
        rabbitmq.stop()
        mongod.stop()
