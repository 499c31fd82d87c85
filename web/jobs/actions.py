"""`/v1/jobs/{id}:action`: what an owner may ask of a job."""

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field

from keepsake.jobs.states import State
from web.dependencies import JobId, Jobs, Notify
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.job_views.schemas import JobView, accepted_response, ended
from web.openapi.declared import carries, fails

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=BoundedRoute)


class Reason(BaseModel):
    """Why an action is asked for; kept in the job's record."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: str = Field(default="", max_length=1_000, examples=["sent by mistake"])


Why = Annotated[Reason, Body(default_factory=Reason)]


@router.post("/{job_id}:cancel", responses=fails(409, "illegal-move"))
def cancel(job_id: JobId, caller: Caller, jobs: Jobs, notifier: Notify, why: Why) -> JobView:
    """Cancel a job: at once when it waits, at its next checkpoint or second heartbeat."""
    job = jobs.control.cancel(caller.owner, job_id, by=caller.owner, reason=why.reason)
    for waiting in jobs.claims.waiting_behind(job) if ended(job) else ():
        notifier.notify_soon(waiting)
    return JobView.of(job)


@router.post("/{job_id}:pause", responses=fails(409, "illegal-move"))
def pause(job_id: JobId, caller: Caller, jobs: Jobs, why: Why) -> JobView:
    """Pause a job: at once when it waits, at its next checkpoint or second heartbeat.

    A paused job keeps its place: later jobs of its lane wait for it.
    """
    return JobView.of(jobs.control.pause(caller.owner, job_id, by=caller.owner, reason=why.reason))


@router.post("/{job_id}:resume", responses=fails(409, "illegal-move"))
def resume(job_id: JobId, caller: Caller, jobs: Jobs, notifier: Notify) -> JobView:
    """Let a paused job go on."""
    job = jobs.control.resume(caller.owner, job_id, by=caller.owner)
    if job.state is State.PENDING:
        notifier.notify_soon(job)
    return JobView.of(job)


@router.post(
    "/{job_id}:retry",
    status_code=202,
    responses=fails(409, "illegal-move") | carries(202, "Location", "Retry-After"),
)
def retry(
    job_id: JobId, caller: Caller, jobs: Jobs, notifier: Notify, response: Response
) -> JobView:
    """Try again now what waits for its next try. A job that was given up is replayed instead."""
    job = jobs.control.retry(caller.owner, job_id, by=caller.owner)
    notifier.notify_soon(job)
    return accepted_response(job, response)


@router.post(
    "/{job_id}:replay",
    status_code=202,
    responses=fails(409, "dead-letter-closed") | carries(202, "Location", "Retry-After"),
)
def replay(
    job_id: JobId, caller: Caller, jobs: Jobs, notifier: Notify, response: Response
) -> JobView:
    """Make a new job from a dead letter; `lineage` links the two."""
    job = jobs.replays.replay(caller.owner, job_id, by=caller.owner)
    notifier.notify_soon(job)
    return accepted_response(job, response)


@router.post("/{job_id}:discard", status_code=204, responses=fails(409, "dead-letter-closed"))
def discard(job_id: JobId, caller: Caller, jobs: Jobs) -> None:
    """Close a dead letter for good; its payload is erased."""
    jobs.replays.discard(caller.owner, job_id, by=caller.owner)


@router.delete("/{job_id}", status_code=204, responses=fails(409, "illegal-move"))
def erase(job_id: JobId, caller: Caller, jobs: Jobs) -> None:
    """Erase an ended job: its record, payload and dead letter. What it did stays."""
    jobs.erasing.erase(caller.owner, job_id)
