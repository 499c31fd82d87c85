"""Jobs that are named one by one, or all that fit: what cancel, pause, retry and replay share."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from keepsake_client.commands.calling import Call
from keepsake_client.commands.filters import FilterCommand, Which
from keepsake_client.commands.output import Column

if TYPE_CHECKING:
    from keepsake_client.models.jobs import ManyDone

CHANGED: tuple[Column[Any], ...] = (
    Column("job", lambda job: job.job_id, whole=True),
    Column("status", lambda job: job.status),
    Column("type", lambda job: job.type),
)


@dataclass(frozen=True)
class Chosen:
    """The jobs that are meant: these, or those that fit a filter."""

    job_ids: tuple[str, ...]
    which: Which
    dry_run: bool
    sure: bool


class BulkCommand(FilterCommand):
    """A command about jobs by id, or by filter with `--all`; its callback takes `chosen`."""

    def common(self) -> list[click.Parameter]:
        """Which jobs."""
        return [
            click.Argument(["job_ids"], nargs=-1, metavar="[JOB_ID…]"),
            click.Option(["--all", "everything"], is_flag=True, help="All that fit the filters."),
            click.Option(["--dry-run"], is_flag=True, help="With --all: only count them."),
            click.Option(["--yes", "-y"], is_flag=True, help="Do not ask; only a terminal asks."),
            *super().common(),
        ]

    def prepare(self, ctx: click.Context) -> None:
        """Say which jobs are meant."""
        super().prepare(ctx)
        which, dry_run = ctx.params.pop("which"), ctx.params.pop("dry_run")
        job_ids, everything = ctx.params.pop("job_ids"), ctx.params.pop("everything")
        if bool(job_ids) == everything:
            raise click.UsageError("Name jobs, or say --all.", ctx)
        if job_ids and (dry_run or which.conditions or which.of_all_owners):
            raise click.UsageError("Filters and --dry-run go with --all.", ctx)
        sure = ctx.params.pop("yes") or not sys.stdin.isatty()
        ctx.params["chosen"] = Chosen(job_ids, which, dry_run, sure)


def carried_out(
    call: Call,
    chosen: Chosen,
    each: Callable[[str], Any],
    many: Callable[..., "ManyDone"] | None,
    columns: tuple[Column[Any], ...] = CHANGED,
) -> None:
    """Do it to each job by its id, or to all that fit, and print what was done.

    many: does it to so many at once as the service allows, and is asked again while some remain;
    None where only operators may.

    Raises:
        UsageError: Only operators may, and the filter is not of all owners.
    """
    if chosen.job_ids:
        call.out.rows((each(job_id) for job_id in chosen.job_ids), columns)
        return
    if many is None:
        raise click.UsageError("By filter this is for operators: say --owner or --all-owners.")
    if not (chosen.sure or chosen.dry_run):
        count = many(chosen.which.filter(), dry_run=True).matched
        click.confirm(f"{count} jobs are meant. Go on?", abort=True, err=True)
    done = last = many(chosen.which.filter(), dry_run=chosen.dry_run)
    while last.remaining and last.changed:
        last = many(chosen.which.filter(), dry_run=False)
        done = _sum(done, last)
    call.out.record(done, [
        ("matched", done.matched),
        ("changed", "none: a dry run" if done.dry_run else str(done.changed)),
        ("refused", done.refused or None),
        ("remaining", None if done.dry_run else done.remaining or None),
    ])  # fmt: skip


def _sum(done: "ManyDone", more: "ManyDone") -> "ManyDone":
    return done.model_copy(update={
        "changed": done.changed + more.changed,
        "refused": done.refused + more.refused,
        "remaining": more.remaining,
        "job_ids": done.job_ids + more.job_ids,
    })  # fmt: skip
