"""One job: how it went and where it stands, and what may be asked of it."""

import asyncio
from typing import Any

from fastapi import APIRouter, HTTPException, Response

from web.console.history import history
from web.console.page import ConsolePage, Page
from web.problems import Problem

router = APIRouter()
_POSSIBLE = {
    "pending": ("pause", "cancel"),
    "scheduled": ("cancel",),
    "running": ("pause", "cancel"),
    "retrying": ("retry", "pause", "cancel"),
    "paused": ("resume", "cancel"),
    "dead_letter": ("replay",),
}
"""What may be asked of a job, by its state; the API refuses what has become wrong meanwhile."""
_ACTIONS = frozenset(action for actions in _POSSIBLE.values() for action in actions)
_OWNERS_PARTS = {
    "attempts": ("/v1/jobs/{}/attempts", "attempts"),
    "waits": ("/v1/jobs/{}/waits", "waits"),
    "logs": ("/v1/jobs/{}/logs", "logs"),
    "items": ("/v1/jobs/{}/items", "items"),
    "effects": ("/v1/jobs/{}/effects", "effects"),
}
"""What an owner is answered beside the job itself: where, and the name of the list there."""


@router.get("/{job_id}")
async def job_page(page: Page, job_id: str) -> Response:
    """All that whoever is signed in may see of it."""
    shown = await (_as_operator if page.operates else _as_owner)(page, job_id)
    done = page.query.get("done", "")
    return page.render("job.html", content=None, done=done, **_with_history(shown))


@router.post("/{job_id}/content")
async def content(page: Page, job_id: str) -> Response:
    """With what it was asked for and what it gave; that it is read is in the audit log."""
    reason = (await page.form()).get("reason", "")
    read = await page.api.get("/v1/admin/jobs/{}/content", job_id, reason=reason)
    shown = await _as_operator(page, job_id)
    return page.render("job.html", content=read, done="", **_with_history(shown))


@router.post("/{job_id}/undo")
async def undo(page: Page, job_id: str) -> Response:
    """Take back what it did to memories."""
    await page.api.post("/v1/jobs/{}:undo", job_id)
    return page.go(f"/jobs/{job_id}?done=undo")


@router.post("/{job_id}/{action}")
async def act(page: Page, job_id: str, action: str) -> Response:
    """Ask something of it; a replay goes on at the new job."""
    if action not in _ACTIONS:
        raise HTTPException(404)
    reason = (await page.form()).get("reason", "")
    body = {"reason": reason} if action in {"cancel", "pause"} else None
    base = "/v1/admin/jobs/{}:" if page.operates else "/v1/jobs/{}:"
    changed = await page.api.post(base + action, job_id, body=body)
    return page.go(f"/jobs/{changed['job_id']}?done={action}")


async def _as_operator(page: ConsolePage, job_id: str) -> dict[str, Any]:
    """The job with its attempts and waits; what is its owner's alone if that is who asks."""
    job = await page.api.get("/v1/admin/jobs/{}", job_id)
    shown: dict[str, Any] = {"job": job, "attempts": job["attempts"], "waits": job["waits"]}
    if job["owner"] != page.principal.owner:
        return shown | {"logs": [], "items": [], "effects": [], "result": None, "owned": False}
    own = await _as_owner(page, job_id)
    return {**own, **shown}


async def _as_owner(page: ConsolePage, job_id: str) -> dict[str, Any]:
    job = await page.api.get("/v1/jobs/{}", job_id)
    lists = await asyncio.gather(*(
        _listed(page, path, job_id, name) for path, name in _OWNERS_PARTS.values()
    ))  # fmt: skip
    parts = dict(zip(_OWNERS_PARTS, lists, strict=True))
    return {"job": job, "result": job["result"], "owned": True, **parts}


async def _listed(page: ConsolePage, path: str, job_id: str, name: str) -> list[Any]:
    """A list of something about a job; empty where the key's scopes do not reach."""
    try:
        listed: list[Any] = (await page.api.get(path, job_id))[name]
    except Problem as problem:
        if problem.kind != "forbidden":
            raise
        return []
    return listed


def _with_history(shown: dict[str, Any]) -> dict[str, Any]:
    job = shown["job"]
    possible = _POSSIBLE.get(job["status"], ())
    if "replayed_as" in job["lineage"]:
        possible = ()
    return {**shown, "history": history(job, shown["attempts"]), "possible": possible}
