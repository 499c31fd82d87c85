"""The console as an application of its own, below `/console`, beside the API that it asks."""

from urllib.parse import quote

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Scope

from web.console import (
    assets,
    audit,
    dead_letters,
    jobs,
    keys,
    memories,
    overview,
    owners,
    queues,
    repositories,
    schedules,
    signing_in,
    webhooks,
)
from web.console.forms import SAFE, require_form_token, require_own_origin
from web.console.page import ConsolePage, Page, Section
from web.console.rendering import rendered
from web.console.sessions import PATH, NotSignedIn, signed_in
from web.console.signing_in import SIGN_IN, FailedSignIns
from web.edge.replies import problem_of
from web.problems import ERRORS, KINDS, Problem

_SECTIONS: tuple[Section, ...] = (
    overview.section, jobs.section, dead_letters.section, owners.section, queues.section,
    memories.section, repositories.section, schedules.section, webhooks.section,
    keys.section, audit.section,
)  # fmt: skip
"""In the order of the menu."""
_UNKNOWN: tuple[type[Exception], ...] = (NotSignedIn, *ERRORS)
"""Why it cannot be said who is signed in."""


class Console(FastAPI):
    """Serves pages. state: of the application that it is mounted in."""

    def __init__(self, state: State) -> None:
        super().__init__(openapi_url=None, dependencies=[Depends(_guarded)])
        self.state = state
        self.sections = _SECTIONS
        self.failed_sign_ins = FailedSignIns()
        self.add_api_route("/", _home)
        for router in (signing_in.router, assets.router, *_SECTIONS):
            self.include_router(router)
        self.add_exception_handler(NotSignedIn, _to_sign_in)
        for kind in (RequestValidationError, HTTPException, ClientDisconnect, Problem, Exception,
                     *ERRORS):  # fmt: skip
            self.add_exception_handler(kind, _failed)

    def allowed(self, _: str) -> str:
        """Nothing: no document of this application says which methods a path serves."""
        return ""

    async def admit(self, scope: Scope) -> None:
        """Let a body be read: of who is signed in, or signs in from a page of ours.

        Raises:
            Problem: 403.
            NotSignedIn: There is no session.
        """
        request = Request({**scope, "app": self})
        if scope["path"] == PATH + SIGN_IN:
            require_own_origin(request)
        else:
            await signed_in(request)


async def _guarded(request: Request) -> None:
    """Let nothing be changed but by a form of this session; of every route."""
    if request.method in SAFE:
        return
    require_own_origin(request)
    if request.scope["path"] != PATH + SIGN_IN:
        await require_form_token(request)


async def _home(page: Page) -> Response:
    return page.go("/overview" if page.operates else "/jobs")


async def _to_sign_in(request: Request, _: Exception) -> Response:
    """Ask who is not signed in to sign in, and then go on where it was."""
    path = request.scope["path"]
    here = path + (f"?{request.url.query}" if request.url.query else "")
    to_form = f"{PATH}{SIGN_IN}?next={quote(here if request.method in SAFE else PATH + '/')}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": to_form})
    if request.method in SAFE and request.headers.get("sec-fetch-site") == "cross-site":
        # The browser kept a session's cookie back, as the link was another site's.
        return rendered(request, "arriving.html", here=here, page=None)
    return RedirectResponse(to_form, status_code=303)


async def _failed(request: Request, error: Exception) -> Response:
    """An error as a page with words, or as a part of one for htmx."""
    problem = problem_of(request, error)
    if problem.kind == "unauthorized":  # the key was revoked meanwhile
        return await _to_sign_in(request, error)
    context = {"problem": problem, "remedy": KINDS.get(problem.kind, "")}
    context["request_id"] = request.scope["state"]["request_id"]
    try:
        page = ConsolePage(request, await signed_in(request))
        answer: Response = page.render("error.html", problem.status, **context)
    except _UNKNOWN:
        answer = rendered(request, "error.html", problem.status, page=None, **context)
    answer.headers.update(problem.headers | {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    return answer
