"""`keepsake jobs`: where jobs stand, and what may be asked of them."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from keepsake_client.commands.bulk import BulkCommand, Chosen, carried_out
from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, ago, lasting, worded
from keepsake_client.commands.progress import display, left, line_of, waited
from keepsake_client.commands.values import STATES, moment
from keepsake_client.errors import ConnectionFailed

if TYPE_CHECKING:
    from keepsake_client.handles import Job
    from keepsake_client.models.jobs import Attempt, JobError, JobEvent, JobInfo

_COLUMNS: tuple[Column[Any], ...] = (
    Column("job", lambda job: job.job_id, whole=True),
    Column("status", lambda job: job.status, whole=True),
    Column("type", lambda job: job.type),
    Column("created", lambda job: ago(job.created_at)),
    Column("attempt", lambda job: f"{job.attempt} of {job.max_attempts}" if job.attempt else ""),
    Column("progress", lambda job: line_of(job.progress) if job.progress else ""),
    Column("error", lambda job: job.error.message if job.error else ""),
)


@click.group
def jobs() -> None:
    """List jobs, follow them, cancel them, try them again."""


@jobs.command("ls", cls=ServiceCommand)
@click.option("--status", "-s", multiple=True, metavar="STATE", type=click.Choice(STATES),
              help="Those in this state; may be repeated.")  # fmt: skip
@click.option("--type", "-t", "kinds", multiple=True, help="Those of this type; may be repeated.")
@click.option("--since", type=moment, help="Accepted after: 15m, 2h, 3d, or a time.")
@click.option("--until", type=moment, help="Accepted before.")
@click.option("--limit", "-n", default=50, show_default=True, help="At most so many.")
def ls(
    call: Call,
    status: tuple[str, ...],
    kinds: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> None:
    """List jobs, the newest first."""
    listed = call.service.jobs.list(
        status=status or None, type=kinds or None, created_after=since, created_before=until,
        page_size=min(limit, 200),
    )  # fmt: skip
    call.out.rows(islice(listed, limit), _COLUMNS, none="No jobs.")


@jobs.command(cls=ServiceCommand)
@click.argument("job_id")
def show(call: Call, job_id: str) -> None:
    """Show all that is known of a job: its state, attempts, log and result."""
    job = call.service.jobs.get(job_id)
    if call.out.as_json:
        call.out.document({
            **job.info.model_dump(mode="json"),
            "attempts": [attempt.model_dump(mode="json") for attempt in job.attempts()],
            "logs": [line.model_dump(mode="json") for line in job.logs()],
        })  # fmt: skip
        return
    call.out.record(job.info, _fields(job.info))
    call.out.rows(job.attempts(), _ATTEMPTS)
    for line in job.logs():
        call.out.line(f"{worded(line.at)}  {worded(line.message)}")


_ATTEMPTS: tuple[Column[Any], ...] = (
    Column("attempt", lambda tried: tried.attempt),
    Column("outcome", lambda tried: tried.outcome or "running"),
    Column("took", lambda tried: _took(tried)),
    Column("worker", lambda tried: tried.worker),
    Column("error", lambda tried: _error(tried.error)),
)


def _fields(job: "JobInfo") -> Iterator[tuple[str, object]]:
    yield "job", job.job_id
    yield "status", job.status
    yield "type", job.type
    yield "created", job.created_at
    yield "started", job.started_at
    yield "ended", job.ended_at
    yield "next attempt", job.next_attempt_at
    yield "attempts", f"{job.attempt} of {job.max_attempts}"
    yield "progress", line_of(job.progress) if job.progress else None
    yield "labels", [f"{name}={value}" for name, value in job.labels.items()]
    yield "error", _error(job.error)
    yield "hint", job.error.hint if job.error else None
    yield "result", job.result


def _error(error: "JobError | None") -> str:
    return f"{error.type or error.kind}: {error.message}" if error else ""


def _took(attempt: "Attempt") -> str:
    if attempt.ended_at is None:
        return ""
    return lasting((attempt.ended_at - attempt.started_at).total_seconds())


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


def succeeded(job: "Job[Any]") -> None:
    """Return if a job has succeeded.

    Raises:
        JobFailed: It was given up or cancelled.
    """
    job.refresh()
    if job.status != "succeeded":
        job.result(0)


def submitted(call: Call, job: "Job[Any]", *, wait: bool, timeout: float | None) -> bool:
    """Print a job that was accepted, or wait for its end; whether it has ended well.

    Raises:
        JobFailed: It has ended otherwise.
    """
    if not wait:
        call.out.record(job.info, [("job", job.id), ("status", job.status)])
        return False
    waited(call, job, timeout)
    if call.out.as_json:
        call.out.document(job.info.model_dump(mode="json"))
    succeeded(job)
    return True


@jobs.command(cls=BulkCommand)
@click.option("--reason", default="", help="Why; it stands in the records of jobs that are named.")
def cancel(call: Call, chosen: Chosen, reason: str) -> None:
    """Cancel jobs: at once those that wait, soon those that run."""
    service = call.service.jobs
    carried_out(call, chosen, each=partial(service.cancel, reason=reason), many=service.cancel_many)


@jobs.command(cls=BulkCommand)
def retry(call: Call, chosen: Chosen) -> None:
    """Try jobs again now that wait for their next try."""
    service = call.service.jobs
    carried_out(
        call, chosen, each=lambda job_id: service.get(job_id).retry(), many=service.retry_many
    )
