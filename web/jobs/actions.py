"""`/v1/jobs/{id}:action` and `/v1/jobs:action`: what an owner may ask of one job, or of many."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from keepsake.access import Principal
from keepsake.jobs import Engine, Job, State, Wanted
from keepsake.parts import job_types
from keepsake.storage import LengthFirst, Moment
from middleware.notifier import Notifier
from web.dependencies import JobId, Jobs, Notify
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.job_options import LABELS_MOST, LabelPair
from web.job_views.schemas import JobView, accepted_response, ended
from web.openapi.declared import carries, fails

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=BoundedRoute)
TYPES = tuple(job_types())
_NAMED = 20
"""Jobs that a dry run names."""
if TYPE_CHECKING:
    TypeName = str
else:
    TypeName = StrEnum("JobType", {name: name for name in TYPES})
    """One of the job types of this process, as the OpenAPI document shows them."""


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


class JobFilter(BaseModel):
    """Which of the caller's jobs are meant: all conditions hold, an absent one for all."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    status: Annotated[list[State], Field(max_length=len(State)), LengthFirst()] = []
    type: Annotated[list[TypeName], Field(max_length=len(TYPES)), LengthFirst()] = []
    created_after: Moment | None = Field(default=None, examples=["2026-01-31T00:00:00Z"])
    created_before: Moment | None = None
    label: Annotated[list[LabelPair], Field(max_length=LABELS_MOST), LengthFirst()] = []
    error_type: str = Field(
        default="", max_length=100, description="The `type` of the error that it shows"
    )

    def wanted(self) -> Wanted:
        """The domain's filter."""
        return Wanted(
            frozenset(self.status), frozenset(self.type), self.created_after, self.created_before,
            frozenset(self.label), error_type=self.error_type,
        )  # fmt: skip


class JobListFilter(JobFilter):
    """A filter, and which page of what it finds."""

    page_size: int = Field(default=50, ge=1, le=200)
    page_token: str = Field(default="", max_length=500)


class BulkRequest(JobFilter):
    """Which jobs, and whether only to count them."""

    dry_run: StrictBool = Field(default=False, description="Only say how many it would be")
    reason: str = Field(default="", max_length=1_000)


class BulkDone(BaseModel):
    """What was done; ask again while `remaining` is not 0."""

    dry_run: bool
    matched: int = Field(description="Jobs that were meant; counted up to 100,000")
    changed: int
    refused: int = Field(description="Jobs that moved on in between")
    remaining: int
    job_ids: list[str] = Field(
        description="The changed jobs; of a replay the new ones, of a dry run the first that are "
        "meant, up to 20"
    )


@router.post(":cancel")
def cancel_many(body: BulkRequest, caller: Caller, jobs: Jobs, notifier: Notify) -> BulkDone:
    """Cancel up to 1,000 of the caller's jobs; running ones stop at their next checkpoint."""
    return carried_out("cancel", body, caller.owner, caller, jobs, notifier)


@router.post(":retry")
def retry_many(body: BulkRequest, caller: Caller, jobs: Jobs, notifier: Notify) -> BulkDone:
    """Try again now up to 1,000 jobs that wait for their next try."""
    return carried_out("retry", body, caller.owner, caller, jobs, notifier)


@router.post(":replay")
def replay_many(body: BulkRequest, caller: Caller, jobs: Jobs, notifier: Notify) -> BulkDone:
    """Make new jobs from up to 1,000 dead letters, among the newest 100,000 that are open."""
    return carried_out("replay", body, caller.owner, caller, jobs, notifier)


def carried_out(
    action: str,
    body: BulkRequest,
    owner: str | None,
    caller: Principal,
    jobs: Engine,
    notifier: Notifier,
) -> BulkDone:
    """Do something to the jobs that a request means; None as the owner stands for all."""
    wanted = body.wanted()
    if body.dry_run:
        matched = jobs.bulk.matched(action, owner, wanted)
        return BulkDone(
            dry_run=True,
            matched=matched,
            changed=0,
            refused=0,
            remaining=matched,
            job_ids=jobs.bulk.newest(action, owner, wanted, _NAMED),
        )
    done = jobs.bulk.carry_out(action, owner, wanted, by=caller.owner, reason=body.reason)
    notify_changed(done.changed, jobs, notifier)
    return BulkDone(
        dry_run=False,
        matched=done.matched,
        changed=len(done.changed),
        refused=done.refused,
        remaining=max(done.matched - len(done.changed) - done.refused, 0),
        job_ids=[job.id for job in done.changed],
    )


def notify_changed(changed: list[Job], jobs: Engine, notifier: Notifier) -> None:
    """Notify for what is due, and once for each lane that a cancelled job has left."""
    cancelled = [job for job in changed if job.state is State.CANCELLED and not job.unordered]
    lanes = {lane for job in cancelled for lane in job.lanes}
    freed = [waiting for lane in lanes if (waiting := jobs.claims.next_in_lane(lane))]
    due = [job for job in changed if job.state in {State.PENDING, State.RETRYING}]
    for job in [*freed, *due]:
        notifier.notify_soon(job)
