"""`keepsake queues`: what waits where, and the switch that stops a queue."""

from typing import Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, ago, lasting

_COLUMNS: tuple[Column[Any], ...] = (
    Column("queue", lambda queue: queue.name, whole=True),
    Column("waiting", lambda queue: queue.waiting),
    Column("running", lambda queue: queue.running),
    Column("oldest", lambda queue: lasting(queue.oldest_waiting_seconds)),
    Column("consumers", lambda queue: queue.rabbitmq.consumers if queue.rabbitmq else None),
    Column("overflow", lambda queue: queue.overflow.ready if queue.overflow else None),
    Column("paused", lambda queue: _paused(queue)),
)


def _paused(queue: Any) -> str:
    if queue.paused is None:
        return ""
    said = f": {queue.paused.reason}" if queue.paused.reason else ""
    return f"by {queue.paused.by} {ago(queue.paused.at)}{said}"


@click.group
def queues() -> None:
    """List the queues, pause and resume them; for operators."""


@queues.command("ls", cls=ServiceCommand)
def ls(call: Call) -> None:
    """List queues: what waits, what runs, how long the oldest has waited."""
    call.out.rows(call.service.admin.queues(), _COLUMNS)


@queues.command(cls=ServiceCommand)
@click.argument("name")
@click.option("--reason", default="", help="Why; it stands in the list and in the audit log.")
def pause(call: Call, name: str, reason: str) -> None:
    """Let no further job of a queue start."""
    call.service.admin.pause_queue(name, reason)
    _show(call, name)


@queues.command(cls=ServiceCommand)
@click.argument("name")
def resume(call: Call, name: str) -> None:
    """Let a queue's jobs start again."""
    call.service.admin.resume_queue(name)
    _show(call, name)


def _show(call: Call, name: str) -> None:
    (queue,) = (queue for queue in call.service.admin.queues() if queue.name == name)
    state = "paused" if queue.paused else "running"
    call.out.record(queue, [("queue", queue.name), ("state", state), ("paused", _paused(queue))])
