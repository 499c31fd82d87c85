"""Signing in, by an API key or a link that is good once, and signing out."""

import time
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from keepsake.access import ConsoleSessions, KeyStore
from web.console.forms import form
from web.console.rendering import rendered
from web.console.sessions import PATH, forget, keep, signed_in
from web.problems import Problem

router = APIRouter()
SIGN_IN = "/sign-in"
_WRONG = "No good key or link. A key may be revoked or expired; a link is good once, for a minute."
_FAILURES, _REGAINED_SECONDS, _ADDRESSES = 10, 6.0, 10_000


class FailedSignIns:
    """How many failures each address may have now: ten at once, then one every six seconds.

    Kept by each web process for itself: a failure costs a look at an index, and no key can be
    guessed, so it only bounds the noise. A good key is let in however many have failed: behind a
    proxy everybody comes from its address.
    """

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}

    def note(self, request: Request) -> None:
        """Count a failure.

        Raises:
            Problem: 429, when the address has failed too often.
        """
        address = _address(request)
        left = self._now(address)
        if left < 1:
            wait = str(int(_REGAINED_SECONDS))
            detail = "Too many failed sign-ins came from this address; wait, then try again."
            raise Problem(429, "too-many-requests", detail, headers={"Retry-After": wait})
        if len(self._left) >= _ADDRESSES:
            self._left.clear()
        self._left[address] = (left - 1, time.monotonic())

    def _now(self, address: str) -> float:
        left, at = self._left.get(address, (_FAILURES, 0.0))
        return min(_FAILURES, left + (time.monotonic() - at) / _REGAINED_SECONDS)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


@router.get(SIGN_IN)
async def sign_in_page(request: Request) -> Response:
    """The form."""
    return _form(request, request.query_params.get("next", ""), 200, "")


@router.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Begin a session for a good key or link; what was sent is neither kept nor shown."""
    failed: FailedSignIns = request.app.failed_sign_ins
    fields = await form(request)
    token = await run_in_threadpool(
        _begun, request, fields.get("key", "").strip(), fields.get("link", "")
    )
    if token is None:
        failed.note(request)
        return _form(request, fields.get("next", ""), 401, _WRONG)
    answer = RedirectResponse(_within(fields.get("next", "")), status_code=303)
    keep(answer, token, secure=_over_tls(request))
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    session = await signed_in(request)
    sessions: ConsoleSessions = request.app.state.sessions
    await run_in_threadpool(sessions.end, session.token)
    answer = RedirectResponse(PATH + SIGN_IN, status_code=303)
    forget(answer)
    return answer


def _begun(request: Request, key: str, link: str) -> str | None:
    """The token of a new session; None without a good key or link."""
    sessions: ConsoleSessions = request.app.state.sessions
    keys: KeyStore = request.app.state.keys
    if link:
        key_id = sessions.linked(link)
        principal = keys.principal_of(key_id) if key_id else None
    else:
        principal = keys.principal(key) if key else None
    return sessions.begin(principal.key_id) if principal else None


def _form(request: Request, wanted: str, status: int, trouble: str) -> Response:
    return rendered(
        request, "sign_in.html", status, next=_within(wanted), trouble=trouble, page=None
    )


def _within(wanted: str) -> str:
    """Where to go on: a page of the console and nothing else."""
    split = urlsplit(wanted)
    inside = not split.scheme and not split.netloc and split.path.startswith(PATH + "/")
    return wanted if inside and "\\" not in wanted else PATH + "/"


def _over_tls(request: Request) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy before us: it names its origin."""
    return request.headers.get("origin", "").startswith("https:")
