"""Schedules: repositories of one's own that are scanned again and again."""

from fastapi import HTTPException, Response

from web.console.page import Page, Section

section = Section("/schedules", "Schedules")
_SCHEDULES = "/v2/scanner/schedules"


@section.get("")
async def schedules(page: Page) -> Response:
    """The caller's schedules, and a form for another."""
    listed = await page.api.get(_SCHEDULES)
    done = page.query.get("done", "")
    return page.render("schedules.html", schedules=listed["schedules"], done=done)


@section.post("")
async def create(page: Page) -> Response:
    """Make one."""
    form = await page.form()
    names = ("url", "branch", "cron", "time_zone", "token")
    body = {name: value for name in names if (value := form.get(name, "").strip())}
    await page.api.post(_SCHEDULES, body=body)
    return page.go("/schedules?done=made")


@section.post("/{schedule_id}/{action}")
async def act(page: Page, schedule_id: str, action: str) -> Response:
    """Pause one, go on with it, or end it."""
    match action:
        case "pause" | "resume":
            await page.api.post(_SCHEDULES + "/{}:" + action, schedule_id)
        case "delete":
            await page.api.delete(_SCHEDULES + "/{}", schedule_id)
        case _:
            raise HTTPException(404)
    return page.go(f"/schedules?done={action}d")
