"""The audit log: what operators did, and what they read that is its owner's alone."""

from fastapi import Response

from web.console.page import Page, Section

section = Section("/audit", "Audit", operators=True)


@section.get("")
async def audit(page: Page) -> Response:
    """The acts, newest first."""
    listed = await page.api.get("/v1/admin/audit", page_token=page.query.get("page_token"))
    return page.render("audit.html", acts=listed["acts"], following=listed["next_page_token"])
