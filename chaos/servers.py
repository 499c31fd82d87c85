"""RabbitMQ and MongoDB for a run of chaos, and the faults that they can have.

Disks are filled as far as a process without special rights can fill them.
"""

import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chaos.proxy import Proxy
from keepsake.launcher import LOOPBACK, Mongod, RabbitMQ, SteppedClock, free_port

_CTL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
_NO_ROOM_BYTES = 65_536
_ENDS_WITHIN_SECONDS = 30
_ALARM = ("set_disk_free_limit", "999999GB")
_ALL_CLEAR = ("set_disk_free_limit", "200MB")


def fill_mongod(mongod: Mongod) -> None:
    """Let no file of mongod's grow, until it has ended itself.

    A write that the limit refuses fails in WiredTiger as one on a full disk does, only with EFBIG
    instead of ENOSPC: mongod aborts, and can go on only when it is started with room again.
    """
    pid = mongod.process.pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (_NO_ROOM_BYTES, resource.RLIM_INFINITY))
    mongod.process.wait(_ENDS_WITHIN_SECONDS)


@contextmanager
def filled(rabbitmq: RabbitMQ) -> Iterator[None]:
    """RabbitMQ whose disk is over its limit: it takes nothing from publishers."""
    _control(rabbitmq, *_ALARM)
    try:
        yield
    finally:
        _control(rabbitmq, *_ALL_CLEAR)


def _control(rabbitmq: RabbitMQ, *command: str) -> None:
    port = str(free_port())
    environment = {
        **(rabbitmq.process.environment or {}),
        "RABBITMQ_CTL_DIST_PORT_MIN": port,
        "RABBITMQ_CTL_DIST_PORT_MAX": port,
        "RABBITMQ_CTL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }
    subprocess.run([_CTL, *command], env=environment, capture_output=True, check=True)


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


class FaultyServers(Protocol):
    """RabbitMQ and MongoDB, with ways to break them."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Where they are, past all proxies: for the count."""

    def route(self) -> Route:
        """A new way for a process."""

    @property
    def faults(self) -> Mapping[str, Fault]:
        """Ways to break and mend them, by name; each takes its time."""


class SingleServers:
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
def single(directory: Path) -> Iterator[SingleServers]:
    """A private RabbitMQ and mongod."""
    rabbitmq = RabbitMQ(directory / "rabbitmq", free_port(), free_port())
    mongod = Mongod(directory / "mongo", free_port())
    try:
        mongod.start()
        rabbitmq.start()
        yield SingleServers(rabbitmq, mongod, SteppedClock(directory / "clock"))
    finally:
        rabbitmq.stop()
        mongod.stop()
