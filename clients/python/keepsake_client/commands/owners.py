"""`keepsake owners`: whose jobs there are."""

from typing import TYPE_CHECKING, Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column
from keepsake_client.commands.values import PRIORITIES

if TYPE_CHECKING:
    from keepsake_client.models.operating import OwnerRule

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
    """Show whose jobs there are, and bound how many of them run; for operators."""


@owners.command("ls", cls=ServiceCommand)
@click.option("--sort", type=click.Choice(_FIGURES), default="backlog", show_default=True,
              help="Those with most of this come first.")  # fmt: skip
@click.option("--minutes", type=int, help="Over so many minutes back.")
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=20, show_default=True, help="At most so many."
)
def ls(call: Call, sort: str, minutes: int | None, limit: int) -> None:
    """List the owners with most jobs: what waits, what runs, how fast it comes and goes."""
    figures = call.service.admin.owners(sort=sort, minutes=minutes, limit=limit)
    call.out.rows(figures.owners, _COLUMNS, none="No owner has jobs.")


@owners.command("show", cls=ServiceCommand)
@click.argument("owner")
def show(call: Call, owner: str) -> None:
    """Show how many of an owner's jobs may run at once, and their priority."""
    _show(call, call.service.admin.owner_rule(owner))


@owners.command("set", cls=ServiceCommand)
@click.argument("owner")
@click.option("--max-running", type=int, metavar="N", help="At most so many run at once.")
@click.option("--priority", type=click.Choice(PRIORITIES), help="That of all of its jobs.")
def set_(call: Call, owner: str, max_running: int | None, priority: str | None) -> None:
    """Set both for an owner; what is left out is lifted."""
    rule = call.service.admin.set_owner_rule(owner, max_running=max_running, priority=priority)
    _show(call, rule)


def _show(call: Call, rule: "OwnerRule") -> None:
    most = "no bound" if rule.max_running is None else rule.max_running
    call.out.record(rule, [
        ("owner", rule.owner),
        ("max running", most),
        ("priority", rule.priority or "as submitted"),
        ("set by", rule.by),
        ("set at", rule.at),
    ])  # fmt: skip
