"""Jobs: a list, of all owners for operators."""

from fastapi import Response

from web.console.page import Page, Section

section = Section("/jobs", "Jobs")


@section.get("")
async def jobs(page: Page) -> Response:
    """The newest jobs that fit the filters in the address."""
    listed = await page.api.get("/v1/admin/jobs" if page.operates else "/v1/jobs")
    return page.render("jobs.html", jobs=listed["jobs"], following=listed["next_page_token"])
