"""`/` and `/problems`, which need no key: pages for browsers, JSON for other clients."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

import keepsake
from web.edge.body_limits import BoundedRoute
from web.openapi.page import text, whole_page
from web.problems import KINDS
from web.representations import VARIES, prefers

router = APIRouter(tags=["health"], route_class=BoundedRoute)
_PLACES = {
    "/console/": "the console: jobs, queues, workers and memories as pages",
    "/docs": "the API: every operation, its fields and its answers",
    "/docs/try": "the same with JavaScript, where a key can try it",
    "/openapi.json": "the same for programs (OpenAPI 3.1)",
    "/problems": "every kind of problem, and how to mend it",
    "/readyz": "whether jobs are accepted",
}


class Landing(BaseModel):
    """Where things are."""

    name: str = "Keepsake"
    version: str = Field(default=keepsake.__version__, description="The server's version")
    documentation: str = Field(default="/docs", description="The API, for people")
    openapi: str = Field(default="/openapi.json", description="The API, for programs")
    console: str = Field(default="/console/", description="Pages for operators and owners")
    problem_kinds: str = Field(default="/problems", description="Every kind of problem")
    readiness: str = Field(default="/readyz", description="Whether jobs are accepted")


def _as_page(title: str) -> dict[int | str, dict[str, object]]:
    """What a route declares that answers browsers with a page of this title."""
    example = f"<!doctype html><title>{title}</title>"
    return {200: {"content": {"text/html": {"schema": {"type": "string"}, "example": example}}}}


@router.get("/", response_model=Landing, responses=_as_page("Keepsake"))
async def landing(request: Request) -> Response:
    """Where the documentation and the rest is; a page for browsers."""
    places = "".join(
        f'<li><a href="{path}">{path}</a>: {about}</li>' for path, about in _PLACES.items()
    )
    content = f"<p>Durable memory and code search for AI agents.</p><ul>{places}</ul>"
    title = f"Keepsake {keepsake.__version__}"
    return _negotiated(request, Landing().model_dump(), title, content)


@router.get(
    "/problems",
    response_model=dict[str, str],
    response_description="How to mend each kind",
    responses=_as_page("Kinds of problem"),
)
async def problems(request: Request) -> Response:
    """Every kind of problem that this service answers with, and how to mend it.

    To browsers it is a page with an anchor for each kind: a problem's `type` leads there.
    """
    entries = "".join(
        f'<dt id="{kind}"><a href="#{kind}"><code>{kind}</code></a></dt><dd>{text(how)}</dd>'
        for kind, how in KINDS.items()
    )
    content = f"<p>By the end of a problem's <code>type</code>.</p><dl>{entries}</dl>"
    return _negotiated(request, KINDS, "Kinds of problem", content)


def _negotiated(request: Request, shown: Mapping[str, str], title: str, content: str) -> Response:
    if prefers(request, "text/html"):
        return HTMLResponse(whole_page(title, content), headers=VARIES)
    return JSONResponse(shown, headers=VARIES)
