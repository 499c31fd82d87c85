"""`/v1/admin/jobs`: the jobs of all owners, for operators."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from keepsake.jobs import Wanted
from keepsake.parts import job_types
from keepsake.storage import LengthFirst, each_readable
from web.admin.views import AdminJob, AdminJobDetails
from web.dependencies import InRabbitMQ, JobId, Jobs
from web.edge.auth import Observer
from web.edge.body_limits import BoundedRoute
from web.jobs.actions import JobFilter
from web.pages import Paging

router = APIRouter(prefix="/v1/admin/jobs", tags=["admin"], route_class=BoundedRoute)
_QUEUES = job_types().queues


class AdminJobFilter(JobFilter):
    """Which jobs of all owners are meant: all conditions hold, an absent one for all."""

    owner: str = Field(default="", max_length=256, description="Whose; all owners' when empty")
    queue: Annotated[
        list[Annotated[str, Field(max_length=200)]], Field(max_length=len(_QUEUES)), LengthFirst()
    ] = Field(default=[], description="Which queues; all when empty")
    worker: str = Field(
        default="", max_length=200, description="The process that runs it, or ran one of its tries"
    )
    error_place: str = Field(
        default="", max_length=500, description="Where the error that it shows was raised"
    )
    job_id: str = Field(default="", max_length=100, description="How the job's id begins")

    def wanted(self) -> Wanted:
        """The domain's filter."""
        return replace(
            super().wanted(),
            queues=frozenset(self.queue),
            worker=self.worker,
            error_place=self.error_place,
            id_prefix=self.job_id,
        )


class AdminJobListFilter(AdminJobFilter):
    """A filter, and which page of what it finds."""

    page_size: int = Field(default=50, ge=1, le=200)
    page_token: str = Field(default="", max_length=500)


class AdminJobPage(BaseModel):
    """Some jobs, newest first; no token means that these were the last.

    A page looks at 2,000 records at most: beside a filter that few fit it may be short, or empty.
    """

    jobs: list[AdminJob]
    next_page_token: str | None


@router.get("")
def list_jobs(
    _: Observer, jobs: Jobs, pages: Paging, filters: Annotated[AdminJobListFilter, Query()]
) -> AdminJobPage:
    """The jobs of all owners, newest first, without payloads and results.

    A page may be short, or empty, and have a `next_page_token`: go on with it until there is none.
    Their order is that of their ids, which begin with the time by the web process' clock.
    """
    owner, wanted = filters.owner or None, filters.wanted()
    begin = pages.place(filters.page_token, owner, wanted)
    page = jobs.operator_listing.page(owner, wanted, begin, filters.page_size)
    more = pages.token(page.following, owner, wanted) if page.following else None
    return AdminJobPage(jobs=list(each_readable(AdminJob.of, page.jobs)), next_page_token=more)


@router.get("/{job_id}")
def show_job(job_id: JobId, _: Observer, jobs: Jobs, messages: InRabbitMQ) -> AdminJobDetails:
    """One job of any owner: its record, its tries with what was raised where, and why it waits."""
    waits = jobs.waits.of(None, job_id, messages)
    job = jobs.control.get(None, job_id, history=True)
    return AdminJobDetails.explained(job, waits, jobs.waits.ahead(job))
