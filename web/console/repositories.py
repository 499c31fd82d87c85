"""Repositories: scans and how far they are, what could not be read, and the indexed code."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Response

from web.console.forms import needed
from web.console.page import ConsolePage, Page, Section
from web.problems import Problem

section = Section("/repositories", "Repositories")
_ALL = "/v2/scanner/repositories"
_ONE = _ALL + "/{}/{}"
_PLACE = ("org", "repo", "host", "owner", "branch")
"""What names an index, in addresses as in the API."""
_SHOWN_HITS = 30
_MAP_TOKENS = 1_500


@section.get("")
async def repositories(page: Page) -> Response:
    """The owner's repositories, or what others share with it."""
    listed = await page.api.get(
        _ALL, whose=page.query.get("whose"), page_token=page.query.get("page_token")
    )
    return page.render(
        "repositories.html",
        repositories=listed["repositories"],
        following=listed["next_page_token"],
    )


@section.post("/scan")
async def scan(page: Page) -> Response:
    """Estimate a scan, or begin it and go to its job."""
    form = await page.form()
    sent = ("url", "branch", "token")
    body = {name: form[name] for name in sent if form.get(name)}
    if form.get("do") == "estimate":
        estimate = await page.api.post("/v2/scanner/estimates", body=body)
        return page.render("estimate.html", estimate=estimate, url=body.get("url", ""))
    accepted = await page.api.post("/v2/scanner/scans", body=body)
    return page.go(f"/jobs/{accepted['job_id']}")


@section.get("/one")
async def repository(page: Page) -> Response:
    """One repository: its newest scan, what that left out, its branches, its folders."""
    view = await _view(page)
    job = None
    if view["job_id"]:
        job = await page.api.get("/v1/jobs/{}", view["job_id"])
    return page.render(
        "repository.html",
        view=view,
        hooks=await _hooks(page, view) if view["own"] else [],
        job=job,
        nodes=await _nodes(page) if view["indexes"] else [],
        folder=page.query.get("folder", ""),
        unread=await _unread(page) if view["indexes"] else None,
        **_place(page),
    )


@section.get("/search")
async def searched(page: Page) -> Response:
    """Symbols by name or by meaning, lines of texts, or the uses of a name."""
    query, by = page.query.get("query", ""), page.query.get("by", "name")
    answer: dict[str, Any] = {}
    if query and by == "uses":
        answer = await _ask(
            page, "/references", name=query, page_token=page.query.get("page_token")
        )
    elif query and by == "text":
        answer = await _ask(page, "/text", q=query, page_token=page.query.get("page_token"))
    elif query:
        route, name = ("/search", "query") if by == "meaning" else ("/symbols", "name")
        answer = await _ask(page, route, **{name: query}, limit=_SHOWN_HITS)
    return page.render("code_search.html", answer=answer, by=by, query=query, **_place(page))


@section.get("/source")
async def source(page: Page) -> Response:
    """A file, each line with an address; what it defines stands beside it."""
    path = page.query.get("path", "")
    answer = await _ask(page, "/source", path=path)
    defined = await _ask(page, "/definitions", path=path)
    return page.render(
        "source.html", source=answer["source"], symbols=defined["symbols"], **_place(page)
    )


@section.get("/importers")
async def importers(page: Page) -> Response:
    """What imports a file; apart from it, as the first such question of an index takes longer."""
    path = page.query.get("path", "")
    answer = await _ask(page, "/importers", path=path)
    return page.render("importers.html", path=path, answer=answer, **_place(page))


@section.get("/map")
async def code_map(page: Page) -> Response:
    """What matters most in the index, or seen from a folder; apart, as it is ranked when asked."""
    folder = page.query.get("folder", "")
    answer = await _ask(page, "/map", path=folder, max_tokens=_MAP_TOKENS)
    return page.render("map.html", folder=folder, answer=answer, **_place(page))


@section.post("/share")
async def share(page: Page) -> Response:
    """Say who else may search."""
    form = await page.form()
    sharing = {
        "organisations": form.get("organisations", "").split(),
        "owners": form.get("owners", "").split(),
        "everyone": form.get("everyone") == "true",
    }
    place = needed(form, "org", "repo")
    await page.api.put(_ONE + "/sharing", *place, body=sharing, host=form.get("host"))
    return page.go("/repositories/one?" + _address(form))


@section.post("/credential")
async def credential(page: Page) -> Response:
    """Give the repository a token, or forget the one that is kept."""
    form = await page.form()
    place = needed(form, "org", "repo")
    if form.get("do") == "forget":
        await page.api.delete(_ONE + "/credential", *place, host=form.get("host"))
    else:
        body = {"token": form.get("credential", "")}
        await page.api.put(_ONE + "/credential", *place, body=body, host=form.get("host"))
    return page.go("/repositories/one?" + _address(form))


@section.post("/delete")
async def delete(page: Page) -> Response:
    """Delete a repository with its indexes; its name has to be typed once more."""
    form = await page.form()
    org, repo = needed(form, "org", "repo")
    if form.get("again") != repo:
        raise Problem(422, "invalid-request", "What was typed is not the repository's name.")
    await page.api.delete(_ONE, org, repo, host=form.get("host"))
    return page.go("/repositories")


async def _view(page: ConsolePage) -> Any:
    query = page.query
    return await page.api.get(
        _ONE, query.get("org", ""), query.get("repo", ""), host=query.get("host"),
        owner=query.get("owner"),
    )  # fmt: skip


async def _hooks(page: ConsolePage, view: Any) -> Any:
    """The hooks of a repository: an owner has a hundred at most."""
    listed = await page.api.get("/v2/scanner/hooks", page_size=100)
    bare = view["url"].removesuffix(".git")
    return [hook for hook in listed["hooks"] if hook["url"].removesuffix(".git") == bare]


async def _unread(page: ConsolePage) -> Any:
    """The files that were not read whole; asked for, as all of the index is looked through."""
    return await _ask(page, "/tree", unread=True) if page.query.get("unread") else None


async def _nodes(page: ConsolePage) -> Any:
    """What is in a folder, folders first."""
    listing = await _ask(page, "/tree", folder=page.query.get("folder"))
    return sorted(listing["nodes"], key=lambda node: (node["kind"] != "folder", node["path"]))


async def _ask(page: ConsolePage, route: str, **asked: Any) -> Any:
    """What the index that the address names answers."""
    query = page.query
    named = {name: query.get(name) for name in ("host", "owner", "branch")}
    return await page.api.get(
        _ONE + route, query.get("org", ""), query.get("repo", ""), **named, **asked
    )


def _place(page: ConsolePage) -> dict[str, Any]:
    return {"place": {name: page.query.get(name) for name in _PLACE if page.query.get(name)}}


def _address(form: Any) -> str:
    return urlencode({name: form[name] for name in _PLACE if form.get(name)})
