"""What is asked of all jobs that a filter names: counted first, done once that is confirmed."""

from fastapi import APIRouter, HTTPException, Response

from web.console.filters import JobFilters
from web.console.page import ConsolePage, Page

router = APIRouter(prefix="/bulk")
_OWNERS = ("cancel", "retry", "replay")
ACTIONS = {False: _OWNERS, True: (*_OWNERS, "pause", "resume")}
"""What may be asked, by whether the asker operates."""


@router.get("/{action}")
async def counted(page: Page, action: str) -> Response:
    """How many jobs it would be, and the first of them."""
    filters = JobFilters(page.query, operates=page.operates).closed()
    would = await _ask(page, action, filters, dry_run=True)
    return page.render("bulk.html", action=action, filters=filters, would=would, done=None)


@router.post("/{action}")
async def confirmed(page: Page, action: str) -> Response:
    """Do it, and say what was done."""
    form = await page.form()
    filters = JobFilters(form, operates=page.operates)
    done = await _ask(page, action, filters, dry_run=False, reason=form.get("reason", ""))
    return page.render("bulk.html", action=action, filters=filters, would=None, done=done)


async def _ask(
    page: ConsolePage, action: str, filters: JobFilters, *, dry_run: bool, reason: str = ""
) -> dict[str, object]:
    if action not in ACTIONS[page.operates]:
        raise HTTPException(404)
    body = {**filters.api, "dry_run": dry_run, "reason": reason}
    path = "/v1/admin/jobs:" if page.operates else "/v1/jobs:"
    done: dict[str, object] = await page.api.post(path + action, body=body)
    return done
