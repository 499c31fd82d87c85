"""Jobs: a list that lives, of all owners for operators; one job; and what is asked of many."""

from fastapi import Response

from keepsake.jobs import State
from keepsake.parts import job_types
from web.console import bulk, job, live
from web.console.filters import JobFilters
from web.console.page import Page, Section

section = Section("/jobs", "Jobs")
_SHOWN = 50


@section.get("")
async def jobs(page: Page) -> Response:
    """The newest jobs that fit the filters in the address."""
    filters = JobFilters(page.query, operates=page.operates)
    listed = await page.api.get(
        "/v1/admin/jobs" if page.operates else "/v1/jobs",
        **filters.api,
        page_size=_SHOWN,
        page_token=page.query.get("page_token"),
    )
    return page.render(
        "jobs.html",
        jobs=listed["jobs"],
        following=listed["next_page_token"],
        first="page_token" not in page.query,
        filters=filters,
        actions=bulk.ACTIONS[page.operates] if page.acts else (),
        states=tuple(State),
        types=tuple(job_types()),
        queues=job_types().queues,
    )


for _router in (live.router, bulk.router, job.router):
    section.include_router(_router)
