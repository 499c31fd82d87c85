"""What pages send: forms, taken only from pages of this origin and this session."""

import hmac
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import QueryParams

from web.console.sessions import signed_in
from web.edge.body_limits import limited
from web.problems import Problem, misfit

SAFE = frozenset({"GET", "HEAD"})
FIELD, HEADER = "form_token", "x-form-token"
FORM_BYTES = 64_000
_KNOWN = "console_form"


async def form(request: Request) -> QueryParams:
    """The fields of a form; read once.

    Raises:
        Problem: It is larger than any form of ours.
    """
    if _KNOWN not in request.scope["state"]:
        receive = limited(request.receive, request.headers, FORM_BYTES)
        body = await Request(request.scope, receive).body()
        request.scope["state"][_KNOWN] = QueryParams(body.decode("utf-8", "replace"))
    fields: QueryParams = request.scope["state"][_KNOWN]
    return fields


def needed(fields: QueryParams, *names: str) -> list[str]:
    """The values of fields that a form of ours has.

    Raises:
        Problem: One was not sent.
    """
    for name in names:
        if name not in fields:
            raise misfit("body", f"/{name}", "Field required")
    return [fields[name] for name in names]


def require_own_origin(request: Request) -> None:
    """Refuse what a page of another site sends (OWASP: verifying the origin).

    Raises:
        Problem: 403.
    """
    origin = urlsplit(request.headers.get("origin", ""))
    own = origin.netloc == request.headers.get("host") and bool(origin.netloc)
    if not own or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise _refused("It was not sent by a page of this console.")


async def require_form_token(request: Request) -> None:
    """Refuse what no page of this session sends: it does not know the session's token of forms.

    Raises:
        Problem: 403.
        NotSignedIn: There is no session.
    """
    session = await signed_in(request)
    sent = request.headers.get(HEADER) or (await form(request)).get(FIELD, "")
    if not hmac.compare_digest(sent.encode(), session.form_token.encode()):
        raise _refused("The form is not of this session; load the page again.")


def _refused(detail: str) -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, "forbidden", detail)
