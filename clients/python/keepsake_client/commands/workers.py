"""`keepsake workers`: who does the work."""

from typing import Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, ago

_COLUMNS: tuple[Column[Any], ...] = (
    Column("worker", lambda worker: worker.worker, whole=True),
    Column("status", lambda worker: worker.status, whole=True),
    Column("heartbeat", lambda worker: ago(worker.heartbeat_at)),
    Column("version", lambda worker: worker.version),
    Column("host", lambda worker: worker.host),
    Column("memory", lambda worker: _mebibytes(worker.memory_bytes)),
    Column("threads", lambda worker: worker.threads),
    Column("running", lambda worker: [job.job_id for job in worker.running]),
)


def _mebibytes(size: int | None) -> str:
    return f"{size // 1024**2} MiB" if size else ""


@click.group
def workers() -> None:
    """List and drain the worker processes; for operators."""


@workers.command("ls", cls=ServiceCommand)
@click.option("--all", "everyone", is_flag=True, help="Also those of the last day that are gone.")
def ls(call: Call, *, everyone: bool) -> None:
    """List the worker processes, the newest heartbeat first."""
    listed = (worker for worker in call.service.admin.workers() if worker.alive or everyone)
    call.out.rows(listed, _COLUMNS, none="No worker is alive.")


@workers.command(cls=ServiceCommand)
@click.argument("worker")
@click.option("--reason", default="", help="Why; it stands in the audit log.")
def drain(call: Call, worker: str, reason: str) -> None:
    """Let a worker claim nothing more: it finishes what it runs, and waits to be stopped."""
    call.service.admin.drain_worker(worker, reason)
    drained = (about for about in call.service.admin.workers() if about.worker == worker)
    call.out.rows(drained, _COLUMNS)
