"""`keepsake dead`: jobs that were given up, and their replay."""

from itertools import islice
from typing import Any

import click

from keepsake_client.commands.bulk import BulkCommand, Chosen, carried_out
from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, ago

_COLUMNS: tuple[Column[Any], ...] = (
    Column("job", lambda letter: letter.job_id, whole=True),
    Column("owner", lambda letter: letter.owner),
    Column("type", lambda letter: letter.type),
    Column("died", lambda letter: ago(letter.died_at)),
    Column("tries", lambda letter: letter.failures + letter.crashes),
    Column("error", lambda letter: letter.error.type or letter.error.kind),
    Column("message", lambda letter: letter.error.message),
)
_CAUSES: tuple[Column[Any], ...] = (
    Column("letters", lambda group: group.letters),
    Column("type", lambda group: group.type),
    Column("error", lambda group: group.error_type),
    Column("raised at", lambda group: group.error_place),
    Column("owners", lambda group: group.owners),
    Column("newest", lambda group: ago(group.newest_at)),
)
_NEW: tuple[Column[Any], ...] = (
    Column("job", lambda job: job.job_id, whole=True),
    Column("status", lambda job: job.status),
    Column("replays", lambda job: job.lineage.get("replay_of"), whole=True),
)


@click.group
def dead() -> None:
    """List the jobs that were given up, and do them anew."""


@dead.command("ls", cls=ServiceCommand)
@click.option("--status", type=click.Choice(["open", "replayed", "discarded"]), default="open",
              show_default=True, help="Which of them.")  # fmt: skip
@click.option("--owner", help="Of one owner; for operators.")
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="At most so many."
)
def ls(call: Call, status: str, owner: str | None, limit: int) -> None:
    """List dead letters, the newest first; an operator sees those of all owners."""
    listed = call.service.dead_letters.list(status=status, owner=owner, page_size=min(limit, 200))
    call.out.rows(islice(listed, limit), _COLUMNS, none="No dead letters.")


@dead.command(cls=ServiceCommand)
@click.option("--owner", help="Of one owner; for operators.")
def groups(call: Call, owner: str | None) -> None:
    """List what open dead letters died of, for operators by place too; replay takes both."""
    call.out.rows(call.service.dead_letters.groups(owner), _CAUSES, none="No dead letters.")


@dead.command(cls=BulkCommand)
def replay(call: Call, chosen: Chosen) -> None:
    """Make new jobs from dead letters: of these jobs, or of all that fit."""
    service = call.service
    many = chosen.which.calls(service).replay_many
    carried_out(call, chosen, lambda job_id: service.dead_letters.replay(job_id).info, many, _NEW)
