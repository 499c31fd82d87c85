"""`keepsake owners`: whose jobs there are."""

from typing import Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column

_FIGURES = (
    "backlog",
    "running",
    "accepted",
    "failed_attempts",
    "succeeded",
    "dead_letter",
    "cancelled",
)
_COLUMNS: tuple[Column[Any], ...] = (
    Column("owner", lambda row: row.owner, whole=True),
    Column("backlog", lambda row: row.backlog),
    Column("running", lambda row: row.running),
    Column("accepted/min", lambda row: f"{row.accepted_per_minute:.1f}"),
    Column("ended/min", lambda row: f"{row.ended_per_minute:.1f}"),
    Column("failed tries", lambda row: row.failed_attempts),
    Column("given up", lambda row: row.dead_letter),
)


@click.group
def owners() -> None:
    """Show whose jobs there are; for operators."""


@owners.command("ls", cls=ServiceCommand)
@click.option("--sort", type=click.Choice(_FIGURES), default="backlog", show_default=True,
              help="Those with most of this come first.")  # fmt: skip
@click.option("--minutes", type=int, help="Over so many minutes back.")
@click.option("--limit", "-n", default=20, show_default=True, help="At most so many.")
def ls(call: Call, sort: str, minutes: int | None, limit: int) -> None:
    """List the owners with most jobs: what waits, what runs, how fast it comes and goes."""
    figures = call.service.admin.owners(sort=sort, minutes=minutes, limit=limit)
    call.out.rows(figures.owners, _COLUMNS, none="No owner has jobs.")
