"""`keepsake workers`: who does the work."""

from typing import Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, ago

_COLUMNS: tuple[Column[Any], ...] = (
    Column("worker", lambda worker: worker.worker, whole=True),
    Column("state", lambda worker: "alive" if worker.alive else "gone"),
    Column("heartbeat", lambda worker: ago(worker.heartbeat_at)),
    Column("version", lambda worker: worker.about.get("version")),
    Column("host", lambda worker: worker.about.get("host")),
    Column("pid", lambda worker: worker.about.get("pid")),
    Column("threads", lambda worker: worker.about.get("threads")),
    Column("running", lambda worker: worker.about.get("running")),
)


@click.group
def workers() -> None:
    """List the worker processes; for operators."""


@workers.command("ls", cls=ServiceCommand)
@click.option("--all", "everyone", is_flag=True, help="Also those of the last day that are gone.")
def ls(call: Call, *, everyone: bool) -> None:
    """List the worker processes, the newest heartbeat first."""
    listed = (worker for worker in call.service.admin.workers() if worker.alive or everyone)
    call.out.rows(listed, _COLUMNS, none="No worker is alive.")
