"""`keepsake jobs show`: all that is known of one job, to its owner or to an operator."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.filters import own_or_any
from keepsake_client.commands.output import Column, ago, lasting, plain, worded
from keepsake_client.commands.progress import line_of

if TYPE_CHECKING:
    from keepsake_client.models.jobs import Attempt, JobError, JobInfo
    from keepsake_client.models.operating import AdminJobDetails

_ATTEMPTS: tuple[Column[Any], ...] = (
    Column("attempt", lambda tried: tried.attempt),
    Column("outcome", lambda tried: tried.outcome or "running"),
    Column("took", lambda tried: _took(tried)),
    Column("worker", lambda tried: tried.worker),
    Column("error", lambda tried: _error(tried.error)),
)
_WAITS: tuple[Column[Any], ...] = (
    Column("waits for", lambda wait: wait.reason),
    Column("since", lambda wait: ago(wait.since)),
    Column("until", lambda wait: wait.until),
    Column("behind", lambda wait: wait.job_id, whole=True),
    Column("because", lambda wait: wait.detail),
)


@click.command(cls=ServiceCommand)
@click.argument("job_id")
def show(call: Call, job_id: str) -> None:
    """Show all that is known of a job: its state, why it waits, its attempts, log and result.

    To an operator also others' jobs, with what was raised where, and without payload and result.
    """
    own_or_any(lambda: _own(call, job_id), lambda: _of_any_owner(call, job_id))


def _own(call: Call, job_id: str) -> None:
    job = call.service.jobs.get(job_id)
    waits, attempts, logs = job.waits(), job.attempts(), job.logs()
    if call.out.as_json:
        call.out.document({
            **plain(job.info),
            "waits": [*map(plain, waits)],
            "attempts": [*map(plain, attempts)],
            "logs": [*map(plain, logs)],
        })  # fmt: skip
        return
    call.out.record(job.info, _fields(job.info))
    call.out.rows(waits, _WAITS)
    call.out.rows(attempts, _ATTEMPTS)
    for line in logs:
        call.out.line(f"{worded(line.at)}  {worded(line.message)}")


def _of_any_owner(call: Call, job_id: str) -> None:
    job = call.service.admin.jobs.get(job_id)
    call.out.record(job, [("owner", job.owner), *_fields(job), *_operators_fields(job)])
    if call.out.as_json:
        return
    call.out.rows(job.waits, _WAITS)
    call.out.rows(job.attempts, _ATTEMPTS)
    for attempt in job.attempts:
        diagnosis = attempt.error.diagnosis if attempt.error else None
        if diagnosis:
            call.out.line(f"attempt {attempt.attempt} raised {worded(diagnosis['exception'])} at")
            for place in diagnosis["traceback"]:
                call.out.line(f"  {worded(place)}")


def _fields(job: "JobInfo | AdminJobDetails") -> Iterator[tuple[str, object]]:
    yield "job", job.job_id
    yield "status", job.status
    yield "type", job.type
    yield "created", job.created_at
    yield "run at", job.run_at if job.status == "scheduled" else None
    yield "started", job.started_at
    yield "ended", job.ended_at
    yield "attempts", f"{job.attempt} of {job.max_attempts}"
    yield "progress", line_of(job.progress) if job.progress else None
    yield "labels", [f"{name}={value}" for name, value in job.labels.items()]
    yield "error", _error(job.error)
    yield "hint", job.error.hint if job.error else None
    yield "result", getattr(job, "result", None)


def _operators_fields(job: "AdminJobDetails") -> Iterator[tuple[str, object]]:
    yield "queue", job.queue
    yield "lane", job.lane
    yield (
        "ahead",
        ", ".join(
            f"{place.ahead}, first {place.head_job_id} ({place.head_status})" for place in job.lanes
        ),
    )
    yield "worker", job.worker
    yield "trace", job.trace_id


def _error(error: "JobError | None") -> str:
    return f"{error.type or error.kind}: {error.message}" if error else ""


def _took(attempt: "Attempt") -> str:
    if attempt.ended_at is None:
        return ""
    return lasting((attempt.ended_at - attempt.started_at).total_seconds())
