"""What a route of a page has: who is signed in, the API, what was sent, and the templates."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import QueryParams

from keepsake.access import CONTENT, OPERATORS, Role
from web.console.api import Api
from web.console.forms import FIELD, form
from web.console.rendering import rendered
from web.console.sessions import PATH, SignedIn, signed_in
from web.problems import Problem


class ConsolePage:
    """One request of somebody who is signed in."""

    def __init__(self, request: Request, session: SignedIn) -> None:
        self.request = request
        self.session = session
        self.principal = session.principal
        self.api = Api(request, session.principal)

    @property
    def operates(self) -> bool:
        """Whether all owners' jobs may be seen."""
        return self.principal.role in OPERATORS

    @property
    def acts(self) -> bool:
        """Whether what is seen may be acted on: an owner's own, or all by an operator who acts."""
        return self.principal.role in {Role.OWNER, Role.OPERATOR}

    @property
    def reads_content(self) -> bool:
        """Whether an operator may read what is its owner's alone; each reading is audited."""
        return self.operates and CONTENT in self.principal.scopes

    @property
    def query(self) -> QueryParams:
        """What stands in the address."""
        return self.request.query_params

    async def form(self) -> QueryParams:
        """What was sent."""
        return await form(self.request)

    def render(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A template as an answer; it knows this page as `page`."""
        sections = self.request.app.sections
        shown = [section for section in sections if self.operates or not section.operators]
        about = {"page": self, "sections": shown, "form_token": self.session.form_token}
        return rendered(self.request, template, status, **about, field=FIELD, **context)

    def go(self, path: str) -> RedirectResponse:
        """Go on to a page of the console, after something was done."""
        return RedirectResponse(PATH + path, status_code=303)


async def _page(request: Request) -> ConsolePage:
    return ConsolePage(request, await signed_in(request))


Page = Annotated[ConsolePage, Depends(_page)]


async def operators_alone(page: Page) -> None:
    """Refuse owners.

    Raises:
        Problem: 403.
    """
    if not page.operates:
        raise Problem(403, "forbidden", "This page is for keys with an operator role.")


class Section(APIRouter):
    """Pages that belong together, and their place in the menu.

    operators: only they may see it; owners are refused.
    """

    def __init__(self, path: str, title: str, *, operators: bool = False) -> None:
        super().__init__(prefix=path, dependencies=[Depends(operators_alone)] if operators else [])
        self.title = title
        self.operators = operators
