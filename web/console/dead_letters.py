"""Dead letters: what jobs died of, and their replay: of one, of one cause, or of all."""

import asyncio
from typing import Any
from urllib.parse import urlencode

from fastapi import Response

from web.console.page import Page, Section

section = Section("/dead-letters", "Dead letters")
_STATUSES = ("open", "replayed", "discarded")
_CAUSE = ("type", "error_type", "error_place")


@section.get("")
async def dead_letters(page: Page) -> Response:
    """The causes with most letters, then the letters, newest first."""
    status = page.query.get("status", "open")
    owner = page.query.get("owner", "") if page.operates else ""
    causes, listed = await asyncio.gather(
        page.api.get("/v1/dead-letters/groups", owner=owner),
        page.api.get(
            "/v1/dead-letters", status=status, owner=owner, page_token=page.query.get("page_token")
        ),
    )
    return page.render(
        "dead_letters.html",
        causes=[(cause, _which(cause, owner)) for cause in causes["groups"]],
        all_of_them=urlencode({"owner": owner} if owner else {}),
        letters=listed["dead_letters"],
        following=listed["next_page_token"],
        shown=status,
        statuses=_STATUSES,
        owner=owner,
        done=page.query.get("done", ""),
    )


@section.post("/{job_id}/discard")
async def discard(page: Page, job_id: str) -> Response:
    """Close a letter for good."""
    await page.api.post("/v1/dead-letters/{}:discard", job_id)
    return page.go("/dead-letters?done=discarded")


def _which(cause: dict[str, Any], owner: str) -> str:
    """The filter of a cause's jobs, as lists of jobs and bulk actions have it in their address."""
    fields = {name: cause[name] for name in _CAUSE} | {"owner": owner}
    return urlencode({name: value for name, value in fields.items() if value})
