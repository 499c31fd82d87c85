"""`/v1/jobs`: where a job stands, what it gave, and how it went."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from keepsake.access import OPERATORS
from keepsake.jobs import Job, State
from keepsake.storage import each_readable, reading
from web.dependencies import Changes, Held, InRabbitMQ, JobId, Jobs
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.job_views.hub import wait_until
from web.job_views.schemas import AttemptView, ItemView, JobView, WaitView, ended
from web.jobs.actions import JobListFilter
from web.openapi.declared import carries, fails
from web.pages import Paging
from web.problems import Problem, retry_headers
from web.representations import CACHED, VALIDATORS, IfNoneMatch, matches

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=BoundedRoute)
_VALIDATED = carries(200, *VALIDATORS, "Retry-After") | carries(304, *VALIDATORS, "Retry-After")
_PACED = carries(200, "Retry-After")


class JobPage(BaseModel):
    """Some of the caller's jobs, newest first; no token means that these were the last.

    A page looks at 2,000 records at most: beside a filter that few fit it may be short, or empty.
    """

    jobs: list[JobView]
    next_page_token: str | None


class AttemptList(BaseModel):
    """The tries of a job, newest first."""

    attempts: list[AttemptView]


class ItemPage(BaseModel):
    """The outcomes of a batch's items that are done, by position."""

    items: list[ItemView]
    next_page_token: str | None


class WaitList(BaseModel):
    """What a job waits for, that which has to be over first before the rest; empty at its end."""

    waits: list[WaitView] = Field(description="What has to be over first, first")


class JobResult(BaseModel):
    """What a job gave."""

    job_id: str
    result: Any


@router.get("", responses=carries(200, "Link"))
def listed(
    request: Request,
    response: Response,
    caller: Caller,
    jobs: Jobs,
    pages: Paging,
    filters: Annotated[JobListFilter, Query()],
) -> JobPage:
    """The caller's jobs, newest first, filtered by status, type and time of creation.

    A page may be short, or empty, and have a `next_page_token`: go on with it until there is none.
    """
    wanted = filters.wanted()
    begin = pages.place(filters.page_token, wanted)
    page = jobs.listing.page(caller.owner, wanted, begin, filters.page_size)
    more = pages.token(page.following, wanted) if page.following else None
    if more:
        following = request.url.include_query_params(page_token=more)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return JobPage(jobs=list(each_readable(JobView.of, page.jobs)), next_page_token=more)


@router.get("/{job_id}", response_model=JobView, responses=_VALIDATED)
async def read(
    job_id: JobId,
    caller: Caller,
    jobs: Jobs,
    changes: Changes,
    held: Held,
    response: Response,
    if_none_match: IfNoneMatch,
    wait: Annotated[
        int, Query(ge=0, le=30, description="Seconds to wait for the end, or for a change")
    ] = 0,
) -> Any:
    """One job of the caller's: its status, times, progress and result.

    With `wait` the answer comes when the job ends, or, beside `If-None-Match`, when it changes.
    """

    def done(job: Job) -> bool:
        return not matches(_etag(job), if_none_match) if if_none_match else ended(job)

    job = await run_in_threadpool(jobs.control.get, caller.owner, job_id)
    job = await wait_until(changes, jobs.control, job, done, wait, held.by(caller))
    headers = _headers(job)
    if matches(headers["ETag"], if_none_match):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return JobView.of(job)


def _headers(job: Job) -> dict[str, str]:
    return {"ETag": _etag(job), **CACHED, **retry_headers(job)}


def _etag(job: Job) -> str:
    return f'"{job.record["revision"]}"'


@router.get("/{job_id}/result", responses=fails(409, "job-not-finished", "no-result"))
def result(job_id: JobId, caller: Caller, jobs: Jobs) -> JobResult:
    """What a job gave; 409 while it has not, or will not."""
    job = jobs.control.get(caller.owner, job_id)
    if job.state is State.SUCCEEDED:
        return JobResult(job_id=job.id, result=job.get("result"))
    if ended(job):
        detail = f"The job is {job.state} and gave no result; see its `error`."
        raise Problem(409, "no-result", detail, state=job.state)
    detail = "The job has not ended; wait `Retry-After` seconds, or ask with `?wait=`."
    raise Problem(409, "job-not-finished", detail, headers=retry_headers(job), state=job.state)


@router.get("/{job_id}/attempts", responses=_PACED)
def attempts(job_id: JobId, caller: Caller, jobs: Jobs, response: Response) -> AttemptList:
    """What was tried: which worker, when, and how it ended.

    An operator sees those of all owners' jobs, and what was raised where.
    """
    operates = caller.role in OPERATORS
    job = jobs.control.get(None if operates else caller.owner, job_id)
    response.headers.update(retry_headers(job))
    with reading(job.id):
        rows = [AttemptView.of(row, diagnosed=operates) for row in job.record["attempts"]]
    return AttemptList(attempts=rows)


@router.get("/{job_id}/waits")
def waits(job_id: JobId, caller: Caller, jobs: Jobs, messages: InRabbitMQ) -> WaitList:
    """Why a job waits: for its time, its lane, its queue, a worker, or a notification."""
    return WaitList(waits=[WaitView.of(w) for w in jobs.waits.of(caller.owner, job_id, messages)])


@router.get("/{job_id}/items", responses=_PACED)
def items(
    job_id: JobId,
    caller: Caller,
    jobs: Jobs,
    pages: Paging,
    response: Response,
    status: Literal["", "succeeded", "skipped", "failed"] = "",
    page_size: Annotated[int, Query(ge=1, le=200)] = 100,
    page_token: Annotated[str, Query(max_length=500)] = "",
) -> ItemPage:
    """How each item of a batch went, by its position in the request."""
    job = jobs.control.get(caller.owner, job_id, history=True)
    response.headers.update(retry_headers(job))
    first = pages.parts(page_token, (int,), status)[0] if page_token else 0
    with reading(job.id):
        done = [
            item for item in ItemView.all_of(job)
            if item.position >= first and (not status or item.status == status)
        ]  # fmt: skip
    more = pages.token([done[page_size].position], status) if len(done) > page_size else None
    return ItemPage(items=done[:page_size], next_page_token=more)


class LogLine(BaseModel):
    """One line of a job's log."""

    at: datetime = Field(description="When, by the database's clock")
    level: str
    message: str


class LogList(BaseModel):
    """The newest lines, oldest first."""

    logs: list[LogLine]


@router.get("/{job_id}/logs", responses=_PACED)
def logs(job_id: JobId, caller: Caller, jobs: Jobs, response: Response) -> LogList:
    """What the job said on its way."""
    job = jobs.control.get(caller.owner, job_id, history=True)
    response.headers.update(retry_headers(job))
    with reading(job.id):
        return LogList(logs=[LogLine(**row) for row in job.record.get("logs", [])])
