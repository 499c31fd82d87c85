"""`keepsake jobs`: where jobs stand, and what may be asked of them."""

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from keepsake_client.commands.bulk import BulkCommand, Chosen, carried_out
from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.filters import FilterCommand, Which, own_or_any
from keepsake_client.commands.job_page import show
from keepsake_client.commands.output import Column, ago, worded
from keepsake_client.commands.progress import display, left, line_of
from keepsake_client.commands.submits import succeeded
from keepsake_client.errors import ConnectionFailed

if TYPE_CHECKING:
    from keepsake_client.handles import Job
    from keepsake_client.models.jobs import JobEvent

_COLUMNS: tuple[Column[Any], ...] = (
    Column("job", lambda job: job.job_id, whole=True),
    Column("status", lambda job: job.status, whole=True),
    Column("type", lambda job: job.type),
    Column("created", lambda job: ago(job.created_at)),
    Column("attempt", lambda job: f"{job.attempt} of {job.max_attempts}" if job.attempt else ""),
    Column("progress", lambda job: line_of(job.progress) if job.progress else ""),
    Column("error", lambda job: job.error.message if job.error else ""),
)
_OWNER: Column[Any] = Column("owner", lambda job: job.owner)


@click.group
def jobs() -> None:
    """List jobs, follow them, cancel, pause and retry them."""


jobs.add_command(show)


@jobs.command("ls", cls=FilterCommand)
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="At most so many."
)
def ls(call: Call, which: Which, limit: int) -> None:
    """List jobs, the newest first: yours, or as an operator those of all owners."""
    listed = islice(which.listed(call.service, min(limit, 200)), limit)
    columns = (*_COLUMNS[:2], _OWNER, *_COLUMNS[2:]) if which.of_all_owners else _COLUMNS
    call.out.rows(listed, columns, none="No jobs.")


@jobs.command(cls=ServiceCommand)
@click.argument("job_id", required=False)
def watch(call: Call, job_id: str | None) -> None:
    """Follow a job until it has ended; without an id, all of your jobs until Ctrl-C.

    Exit code 1 says that the job was given up or cancelled.
    """
    if job_id is None:
        for event in call.service.jobs.events():
            call.out.event(_said(event), _line(event))
        return
    job = call.service.jobs.get(job_id)
    if call.out.as_json:
        _streamed(call, job)
    else:
        _displayed(call, job)
    succeeded(job)


def _streamed(call: Call, job: "Job[Any]") -> None:
    for event in job.events():
        call.out.event(_said(event), "")


def _displayed(call: Call, job: "Job[Any]") -> None:
    try:
        with display() as shown:
            for event in job.events():
                if event.log is not None:
                    shown.log(event.log)
                if event.progress is not None:
                    shown.progress(event.progress)
                if event.status is not None:
                    shown.state(event.status)
    except (KeyboardInterrupt, ConnectionFailed) as error:
        raise left(call, job.id, error) from None


def _said(event: "JobEvent") -> dict[str, Any]:
    return {"kind": event.kind, "id": event.id, **event.data}


def _line(event: "JobEvent") -> str:
    said = event.log.message if event.log else line_of(event.progress) if event.progress else ""
    if event.jobs is not None:
        return "\n".join(f"{job.job_id}  {worded(job.status)}" for job in event.jobs)
    return f"{worded(event.job_id)}  {worded(event.status or said)}"


_reason = click.option("--reason", default="", help="Why; it is kept with what was done.")


@jobs.command(cls=BulkCommand)
@_reason
def cancel(call: Call, chosen: Chosen, reason: str) -> None:
    """Cancel jobs: at once those that wait, soon those that run."""
    _done(call, chosen, "cancel", reason)


@jobs.command(cls=BulkCommand)
@_reason
def pause(call: Call, chosen: Chosen, reason: str) -> None:
    """Pause jobs; later jobs of their lanes wait for them."""
    _done(call, chosen, "pause", reason)


@jobs.command(cls=BulkCommand)
def resume(call: Call, chosen: Chosen) -> None:
    """Let paused jobs go on."""
    _done(call, chosen, "resume")


@jobs.command(cls=BulkCommand)
def retry(call: Call, chosen: Chosen) -> None:
    """Try jobs again now that wait for their next try."""
    _done(call, chosen, "retry")


def _done(call: Call, chosen: Chosen, action: str, *reason: str) -> None:
    """Do it to one's own jobs; by id an operator does it to anyone's."""
    service = call.service

    def each(job_id: str) -> Any:
        return own_or_any(
            lambda: getattr(service.jobs.get(job_id), action)(*reason),
            lambda: getattr(service.admin.jobs, action)(job_id, *reason),
        )

    many = getattr(chosen.which.calls(service), f"{action}_many", None)
    if many and chosen.which.of_all_owners:
        many = partial(many, reason=" ".join(reason))
    carried_out(call, chosen, each, many)
