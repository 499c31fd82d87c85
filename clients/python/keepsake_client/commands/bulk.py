"""Jobs that are named one by one, or all that fit: what cancel, retry and replay share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

import keepsake_client
from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, Output
from keepsake_client.commands.values import STATES, moment

if TYPE_CHECKING:
    from keepsake_client.jobs import JobFilter
    from keepsake_client.models.jobs import JobInfo, ManyDone

CHANGED: tuple[Column[Any], ...] = (
    Column("job", lambda job: job.job_id, whole=True),
    Column("status", lambda job: job.status),
    Column("type", lambda job: job.type),
)


@dataclass(frozen=True)
class Chosen:
    """The jobs that are meant: these, or those that fit a filter."""

    job_ids: tuple[str, ...]
    fitting: "JobFilter"
    dry_run: bool


class BulkCommand(ServiceCommand):
    """A command about jobs by id, or by filter with `--all`; its callback takes `chosen`."""

    def common(self) -> list[click.Parameter]:
        """Which jobs."""
        return [
            click.Argument(["job_ids"], nargs=-1, metavar="[JOB_ID…]"),
            click.Option(["--all", "everything"], is_flag=True, help="All that fit what follows."),
            click.Option(["--status", "-s"], type=click.Choice(STATES), multiple=True,
                         help="With --all: those in this state; may be repeated."),
            click.Option(["--type", "-t"], multiple=True,
                         help="With --all: those of this type; may be repeated."),
            click.Option(["--since", "created_after"], type=moment,
                         help="With --all: those accepted after: 15m, 2h, 3d, or a time."),
            click.Option(["--until", "created_before"], type=moment,
                         help="With --all: those accepted before."),
            click.Option(["--dry-run"], is_flag=True, help="With --all: only count them."),
            *super().common(),
        ]  # fmt: skip

    def run(self, ctx: click.Context, out: Output) -> Any:
        """Run the callback with the jobs that are meant."""
        job_ids, everything = ctx.params.pop("job_ids"), ctx.params.pop("everything")
        conditions = {name: ctx.params.pop(name) or None for name in _CONDITIONS}
        dry_run = ctx.params.pop("dry_run")
        if bool(job_ids) == everything:
            raise click.UsageError("Name jobs, or say --all.", ctx)
        if not everything and (dry_run or any(conditions.values())):
            raise click.UsageError("Filters and --dry-run go with --all.", ctx)
        ctx.params["chosen"] = Chosen(job_ids, keepsake_client.JobFilter(**conditions), dry_run)
        return super().run(ctx, out)


_CONDITIONS = ("status", "type", "created_after", "created_before")


def carried_out(
    call: Call,
    chosen: Chosen,
    *,
    each: "Callable[[str], JobInfo]",
    many: "Callable[..., ManyDone]",
    columns: Iterable[Column[Any]] = CHANGED,
) -> None:
    """Do it to each job by its id, or to all that fit, and print what was done.

    many: does it to so many at once as the service allows, and is asked again while some remain.
    """
    if chosen.job_ids:
        call.out.rows((each(job_id) for job_id in chosen.job_ids), tuple(columns))
        return
    done = last = many(chosen.fitting, dry_run=chosen.dry_run)
    while last.remaining and last.changed:
        last = many(chosen.fitting)
        done = _sum(done, last)
    call.out.record(done, [
        ("matched", done.matched),
        ("changed", "none: a dry run" if done.dry_run else str(done.changed)),
        ("refused", done.refused or None),
        ("remaining", done.remaining or None),
    ])  # fmt: skip


def _sum(done: "ManyDone", more: "ManyDone") -> "ManyDone":
    return done.model_copy(update={
        "changed": done.changed + more.changed,
        "refused": done.refused + more.refused,
        "remaining": more.remaining,
        "job_ids": done.job_ids + more.job_ids,
    })  # fmt: skip
