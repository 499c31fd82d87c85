"""Disks that fill, as far as a process without special rights can fill them."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from keepsake.launcher.mongod import Mongod
from keepsake.launcher.ports import free_port
from keepsake.launcher.rabbitmq import RabbitMQ

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
