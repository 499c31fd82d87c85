"""`/v1/jobs`: where a job stands, and what its owner may ask of it."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, Field

from jobs.listing import Place, Wanted
from jobs.policy import JobType
from jobs.states import ENDED, State
from web import pages
from web.auth import Caller
from web.dependencies import Bell, Jobs
from web.schemas import AttemptView, JobView
from web.submission import POLL_SECONDS

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


class Reason(BaseModel):
    """Why an action is asked for; kept in the job's record."""

    reason: str = Field(default="", max_length=1_000)


Why = Annotated[Reason, Body(default_factory=Reason)]


class Attempts(BaseModel):
    """The tries of a job, newest first."""

    attempts: list[AttemptView]


class Page(BaseModel):
    """Some of the caller's jobs, newest first; no token means that these were the last."""

    jobs: list[JobView]
    next_page_token: str | None


@router.get("")
def listed(
    request: Request,
    response: Response,
    caller: Caller,
    jobs: Jobs,
    status: Annotated[list[State], Query(default_factory=list)],
    type: Annotated[list[JobType], Query(default_factory=list)],  # noqa: A002 - the API's word
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    page_token: Annotated[str, Query(max_length=500)] = "",
) -> Page:
    """The caller's jobs, newest first, filtered by status and type."""
    wanted = Wanted(frozenset(status), frozenset(type))
    after = pages.place(page_token, caller.owner, wanted) if page_token else None
    found = jobs.listing.page(caller.owner, wanted, after, page_size + 1)
    more = None
    if len(found) > page_size:
        last = found[page_size - 1]
        more = pages.token(Place(last.record["created_at"], last.id), caller.owner, wanted)
        following = request.url.include_query_params(page_token=more)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Page(jobs=[JobView.of(job) for job in found[:page_size]], next_page_token=more)


@router.get("/{job_id}")
def read(job_id: str, caller: Caller, jobs: Jobs, response: Response) -> JobView:
    """One job of the caller's: its status, attempts, times and result."""
    job = jobs.control.get(caller.owner, job_id)
    if job.state not in ENDED:
        response.headers["Retry-After"] = str(POLL_SECONDS)
    return JobView.of(job)


@router.get("/{job_id}/attempts")
def attempts(job_id: str, caller: Caller, jobs: Jobs) -> Attempts:
    """What was tried: which worker, when, and how it ended."""
    rows = jobs.control.get(caller.owner, job_id).record["attempts"]
    return Attempts(attempts=[AttemptView(**row) for row in rows])


@router.post("/{job_id}:cancel")
def cancel(job_id: str, caller: Caller, jobs: Jobs, bell: Bell, why: Why) -> JobView:
    """Cancel a job: at once when it waits, at its next checkpoint or second beat when it runs."""
    job = jobs.control.cancel(caller.owner, job_id, by=caller.owner, reason=why.reason)
    if job.state in ENDED and (waiting := jobs.claims.waiting_behind(job)):
        bell.ring(waiting)
    return JobView.of(job)


@router.post("/{job_id}:pause")
def pause(job_id: str, caller: Caller, jobs: Jobs, why: Why) -> JobView:
    """Pause a job: at once when it waits, at its next checkpoint or second beat when it runs.

    A paused job keeps its place: later jobs of its lane wait for it.
    """
    return JobView.of(jobs.control.pause(caller.owner, job_id, by=caller.owner, reason=why.reason))


@router.post("/{job_id}:resume")
def resume(job_id: str, caller: Caller, jobs: Jobs, bell: Bell) -> JobView:
    """Let a paused job go on."""
    job = jobs.control.resume(caller.owner, job_id, by=caller.owner)
    if job.state is State.PENDING:
        bell.ring(job)
    return JobView.of(job)


@router.post("/{job_id}:replay", status_code=202)
def replay(job_id: str, caller: Caller, jobs: Jobs, bell: Bell, response: Response) -> JobView:
    """Make a new job from a dead letter; `lineage` links the two."""
    job = jobs.replays.replay(caller.owner, job_id, by=caller.owner)
    bell.ring(job)
    view = JobView.of(job)
    response.headers["Location"] = view.status_url
    return view


@router.post("/{job_id}:discard", status_code=204)
def discard(job_id: str, caller: Caller, jobs: Jobs) -> None:
    """Close a dead letter for good; its payload is erased."""
    jobs.replays.discard(caller.owner, job_id, by=caller.owner)
