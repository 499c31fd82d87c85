"""Owners: backlog and pace of each, and what holds for one of them."""

import asyncio

from fastapi import Response

from web.console.page import Page, Section

section = Section("/owners", "Owners", operators=True)
_SORTS = ("backlog", "running", "accepted", "ended_per_minute", "failed_attempts", "dead_letter",
          "succeeded", "cancelled")  # fmt: skip
_ALL = 200


@section.get("")
async def owners(page: Page) -> Response:
    """The owners with most jobs, by what the address asks for."""
    sort, minutes = page.query.get("sort", "backlog"), page.query.get("minutes", "15")
    figures = await page.api.get("/v1/admin/owners", sort=sort, minutes=minutes, limit=_ALL)
    return page.render("owners.html", figures=figures, sort=sort, minutes=minutes, sorts=_SORTS)


@section.get("/{owner}")
async def owner_page(page: Page, owner: str) -> Response:
    """One owner: figures, what it stores, its bound and priority, and what may be asked."""
    rule, figures, usage = await asyncio.gather(
        page.api.get("/v1/admin/owners/{}", owner),
        page.api.get("/v1/admin/owners", limit=_ALL),
        page.api.get("/v1/admin/owners/{}/usage", owner),
    )
    row = next((row for row in figures["owners"] if row["owner"] == owner), None)
    done = page.query.get("done", "")
    return page.render(
        "owner.html", owner=owner, rule=rule, row=row, figures=figures, usage=usage, done=done
    )


@section.post("/{owner}")
async def set_rule(page: Page, owner: str) -> Response:
    """Set how many of its jobs run at once, and their priority; what is left empty is lifted."""
    form = await page.form()
    most = form.get("max_running", "").strip()
    rule = {
        "max_running": int(most) if most.isdecimal() else most or None,
        "priority": form.get("priority") or None,
    }
    await page.api.put("/v1/admin/owners/{}", owner, body=rule)
    return page.go(f"/owners/{owner}?done=set")
