"""Webhooks of one's own: where what happened is posted, and how that went."""

from typing import Any, get_args

from fastapi import HTTPException, Response

from web.console.page import ConsolePage, Page, Section
from web.webhooks import EventName

section = Section("/webhooks", "Webhooks")
_WEBHOOKS = "/v2/webhooks"
_DONE = {"test": "tested", "on": "on", "off": "off"}


@section.get("")
async def webhooks(page: Page) -> Response:
    """The caller's webhooks, and a form for another."""
    return await _listed(page, made=None)


@section.post("")
async def create(page: Page) -> Response:
    """Make one; this answer alone has its secret."""
    form = await page.form()
    body = {"url": form.get("url", "").strip(), "events": form.getlist("events"),
            "description": form.get("description", "")}  # fmt: skip
    return await _listed(page, made=await page.api.post(_WEBHOOKS, body=body))


@section.get("/{webhook_id}")
async def deliveries(page: Page, webhook_id: str) -> Response:
    """One of them, and its deliveries, the newest first."""
    token = page.query.get("page_token", "")
    listed = await page.api.get(_WEBHOOKS + "/{}/deliveries", webhook_id, page_token=token)
    return page.render(
        "webhook.html",
        webhook=await page.api.get(_WEBHOOKS + "/{}", webhook_id),
        deliveries=listed["deliveries"],
        next_page_token=listed["next_page_token"],
        done=page.query.get("done", ""),
    )


@section.post("/{webhook_id}/{action}")
async def act(page: Page, webhook_id: str, action: str) -> Response:
    """Try it, give it another secret, switch it, or end it."""
    match action:
        case "rotate":
            made = await page.api.post(_WEBHOOKS + "/{}:rotate", webhook_id)
            return await _listed(page, made=made)
        case "test":
            await page.api.post(_WEBHOOKS + "/{}:test", webhook_id)
        case "on" | "off":
            await page.api.patch(_WEBHOOKS + "/{}", webhook_id, body={"active": action == "on"})
        case "delete":
            await page.api.delete(_WEBHOOKS + "/{}", webhook_id)
            return page.go("/webhooks?done=deleted")
        case _:
            raise HTTPException(404)
    return page.go(f"/webhooks/{webhook_id}?done={_DONE[action]}")


@section.post("/{webhook_id}/deliveries/{job_id}/replay")
async def replay(page: Page, webhook_id: str, job_id: str) -> Response:
    """Post an event once more."""
    await page.api.post(_WEBHOOKS + "/{}/deliveries/{}:replay", webhook_id, job_id)
    return page.go(f"/webhooks/{webhook_id}?done=replayed")


async def _listed(page: ConsolePage, made: dict[str, Any] | None) -> Response:
    listed = await page.api.get(_WEBHOOKS)
    return page.render(
        "webhooks.html",
        webhooks=listed["webhooks"],
        made=made,
        events=get_args(EventName),
        done=page.query.get("done", ""),
    )
