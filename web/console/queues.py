"""Queues and workers: by the records and by RabbitMQ; pausing the one and draining the other."""

import asyncio

from fastapi import HTTPException, Response

from web.console.page import Page, Section

section = Section("/queues", "Queues", operators=True)


@section.get("")
async def queues(page: Page) -> Response:
    """All queues, and the worker processes of the last day."""
    counted, processes, ready = await asyncio.gather(
        page.api.get("/v1/admin/queues"),
        page.api.get("/v1/admin/workers"),
        page.api.get("/readyz"),
    )
    return page.render(
        "queues.html",
        queues=counted["queues"],
        workers=processes["workers"],
        ready=ready,
        done=page.query.get("done", ""),
    )


@section.post("/workers/{worker}/drain")
async def drain(page: Page, worker: str) -> Response:
    """Let a worker claim nothing more."""
    reason = (await page.form()).get("reason", "")
    await page.api.post("/v1/admin/workers/{}:drain", worker, body={"reason": reason})
    return page.go("/queues?done=drained")


@section.post("/{name}/{action}")
async def switch(page: Page, name: str, action: str) -> Response:
    """Pause a queue, or let its jobs start again."""
    if action not in {"pause", "resume"}:
        raise HTTPException(404)
    reason = (await page.form()).get("reason", "")
    body = {"reason": reason} if action == "pause" else None
    await page.api.post("/v1/admin/queues/{}:" + action, name, body=body)
    return page.go(f"/queues?done={action}d")
