"""Memories: what is remembered of a user, found, corrected, taken along and erased."""

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from fastapi import Response

from keepsake.memory import DOMAINS, Kind
from web.console.forms import needed
from web.console.page import ConsolePage, Page, Section

section = Section("/memories", "Memories")
_LIST, _SEARCH, _ASK = "/v2/memory/memories", "/v2/memory/search", "/v2/memory/retrieve"
_EXPORT, _TIMELINE, _USERS = "/v2/memory/export", "/v2/memory/timeline", "/v2/memory/users"
_WHOLE_PAGE = 200
_SHOWN_HITS = 20


@section.get("")
async def memories(page: Page) -> Response:
    """What holds of a user, by attribute; all of it, or the turns, when they are asked for."""
    query = page.query
    shown = query.get("show", "profile")
    asked: dict[str, Any] = {"user_id": query.get("user_id"), "page_token": query.get("page_token")}
    if shown == "profile":
        asked |= {"domains": ["profile"], "page_size": _WHOLE_PAGE}
    else:
        asked |= {
            "kinds": [Kind.TURN if shown == "turns" else Kind.MEMORY],
            "domains": query.getlist("domain"),
            "history": query.get("history"),
        }
    listed = await _listed(page, asked)
    return page.render(
        "memories.html",
        shown=shown,
        memories=listed["memories"],
        facts=_by_attribute(listed["memories"]) if shown == "profile" else {},
        following=listed["next_page_token"],
        domains=list(DOMAINS),
        **_about(page),
    )


@section.get("/found")
async def searched(page: Page) -> Response:
    """What a query brings up, with the parts of each score; or what is answered to a question."""
    asked = {"query": page.query.get("query", ""), "user_id": page.query.get("user_id", "")}
    if moment := page.query.get("as_of"):
        asked["as_of"] = moment
    hits, answer = [], None
    if page.query.get("ask"):
        answer = await page.api.post(_ASK, body=asked)
        hits = answer["sources"]
    elif asked["query"]:
        body = {**asked, "explain": True, "top_k": _SHOWN_HITS}
        hits = (await page.api.post(_SEARCH, body=body))["hits"]
    return page.render("found_memories.html", hits=hits, answer=answer, **_about(page))


@section.get("/timeline")
async def timeline(page: Page) -> Response:
    """What happened to a user and what changed, the latest first."""
    query = page.query
    asked = {name: query.get(name) for name in ("user_id", "since", "until", "page_token")}
    shown = await page.api.get(_TIMELINE, **asked)
    return page.render("timeline.html", entries=shown["entries"],
                       following=shown["next_page_token"], **_about(page))  # fmt: skip


@section.get("/users")
async def users(page: Page) -> Response:
    """The owner's users, with how much is remembered of each."""
    asked = {name: page.query.get(name) for name in ("prefix", "page_token")}
    listed = await page.api.get(_USERS, **asked)
    return page.render("users.html", users=listed["users"], following=listed["next_page_token"])


@section.post("/fact")
async def fact(page: Page) -> Response:
    """State a fact by hand; its job's page says what came of it."""
    form = await page.form()
    given = {name: value for name in ("user_id", "content", "attribute")
             if (value := form.get(name, "").strip())}  # fmt: skip
    job = await page.api.post(_LIST, body=given)
    return page.go(f"/jobs/{job['job_id']}")


@section.get("/one")
async def memory(page: Page) -> Response:
    """One memory: its versions, and the turn and job that it comes from."""
    user_id, memory_id = page.query.get("user_id", ""), page.query.get("id", "")
    return page.render(
        "memory.html",
        memory=await page.api.get(_LIST + "/{}", memory_id, user_id=user_id),
        **_about(page),
    )


@section.get("/export")
async def export(page: Page) -> Response:
    """All turns and memories of a user, a JSON object a line."""
    return page.api.passed_on(_EXPORT, user_id=page.query.get("user_id"))


@section.post("/edit")
async def edit(page: Page) -> Response:
    """Say a memory anew."""
    memory_id, user_id, content = needed(await page.form(), "id", "user_id", "content")
    new = await page.api.patch(_LIST + "/{}", memory_id, user_id=user_id, body={"content": content})
    return page.go("/memories/one?" + urlencode({"id": new["id"], "user_id": user_id}))


@section.post("/delete")
async def delete(page: Page) -> Response:
    """Delete a memory or a turn."""
    memory_id, user_id = needed(await page.form(), "id", "user_id")
    await page.api.delete(_LIST + "/{}", memory_id, user_id=user_id)
    return page.go("/memories?" + urlencode({"user_id": user_id}))


@section.post("/erase")
async def erase(page: Page) -> Response:
    """Erase all of a user, whose id has to be typed once more; the answer is the proof."""
    form = await page.form()
    user_id = form.get("user_id") or page.principal.owner
    erased = None
    if form.get("again") == user_id:
        erased = await page.api.delete("/v2/memory/users/{}", user_id)
    return page.render("erased.html", user_id=user_id, erased=erased)


def _about(page: ConsolePage) -> dict[str, Any]:
    """Whose memories a page shows: of an owner's user, or of another owner to who may see them."""
    owner = page.query.get("owner", "") if page.reads_content else ""
    return {"user_id": page.query.get("user_id", ""), "owner": owner}


async def _listed(page: ConsolePage, asked: dict[str, Any]) -> Any:
    owner = _about(page)["owner"]
    if owner and owner != page.principal.owner:
        reason = page.query.get("reason")
        return await page.api.get("/v1/admin/owners/{}/memories", owner, reason=reason, **asked)
    return await page.api.get(_LIST, **asked)


def _by_attribute(memories: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Facts by what they say of whom; what has no parts stands last."""
    grouped: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for memory in memories:
        slot = memory["slot"] or {}
        whose = slot.get("subject", "user")
        name = str(slot.get("attribute", "")).replace("_", " ") or "other"
        grouped[name if whose == "user" else f"{whose}: {name}"].append(memory)
    return dict(sorted(grouped.items(), key=lambda item: (item[0] == "other", item[0])))
