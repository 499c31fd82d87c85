"""API keys: made, shown once, and revoked."""

from typing import Any

from fastapi import Response
from starlette.datastructures import QueryParams

from keepsake.access import ALL_SCOPES, CONTENT, Role
from keepsake.parts import job_types, key_scopes
from web.console.page import ConsolePage, Page, Section

section = Section("/keys", "Keys", operators=True)


@section.get("")
async def keys(page: Page) -> Response:
    """The newest keys, of one owner or of all."""
    return await _listed(page, made=None)


@section.post("")
async def create(page: Page) -> Response:
    """Make a key; this answer alone has it."""
    body = _wanted(await page.form())
    return await _listed(page, made=await page.api.post("/v1/admin/keys", body=body))


@section.post("/{key_id}/revoke")
async def revoke(page: Page, key_id: str) -> Response:
    """Revoke a key."""
    await page.api.post("/v1/admin/keys/{}:revoke", key_id)
    return page.go("/keys?done=revoked")


async def _listed(page: ConsolePage, made: dict[str, Any] | None) -> Response:
    owner = page.query.get("owner", "")
    listed = await page.api.get("/v1/admin/keys", owner=owner)
    scopes = [scope for scope in key_scopes(job_types()) if scope != CONTENT or page.reads_content]
    return page.render(
        "keys.html",
        keys=listed["keys"],
        owner=owner,
        made=made,
        roles=tuple(Role),
        scopes=scopes,
        usual=ALL_SCOPES,
        done=page.query.get("done", ""),
    )


def _wanted(form: QueryParams) -> dict[str, Any]:
    """The form as the API takes it; what is no number it refuses in words of its own."""
    expires = form.get("expires_at", "")
    limits = {"requests_per_second": float, "backlog": int, "stored_bytes": int}
    return {
        "owner": form.get("owner", "").strip(),
        "name": form.get("name", ""),
        "role": form.get("role", ""),
        "scopes": form.getlist("scopes"),
        "expires_at": f"{expires}Z" if expires else None,
        "limits": {name: _number(form.get(name, ""), kind) for name, kind in limits.items()},
    }


def _number(written: str, kind: type[float] | type[int]) -> float | str | None:
    try:
        return kind(written) if written.strip() else None
    except ValueError:
        return written
