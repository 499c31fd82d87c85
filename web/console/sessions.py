"""Who is signed in: the cookie of a session, and the principal whose key it stands for."""

import hmac
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from keepsake.access import ConsoleSessions, KeyStore, Principal

PATH = "/console"
_PLAIN, _SECURE = "keepsake-session", "__Host-keepsake-session"
"""The name of the second makes browsers keep it for this host, over TLS only (RFC 6265bis)."""
_KNOWN = "console_session"


class NotSignedIn(Exception):
    """There is no session, or it is over."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session and whose it is."""

    token: str
    principal: Principal

    @property
    def form_token(self) -> str:
        """What every form of this session sends along; only who has the cookie can know it."""
        return hmac.digest(self.token.encode(), b"keepsake console forms", "sha256").hex()


async def signed_in(request: Request) -> SignedIn:
    """The session of a request; looked for once.

    Raises:
        NotSignedIn: There is none, or its key is revoked or has expired.
    """
    state = request.scope["state"]
    if _KNOWN not in state:
        token = request.cookies.get(_SECURE) or request.cookies.get(_PLAIN) or ""
        principal = await run_in_threadpool(_bearer, request, token) if token else None
        if principal is None:
            raise NotSignedIn
        state[_KNOWN] = SignedIn(token, principal)
        state["principal"] = principal  # for the log
    session: SignedIn = state[_KNOWN]
    return session


async def not_over(request: Request, session: SignedIn) -> bool:
    """Whether a session still is one; to ask does not prolong it."""
    sessions: ConsoleSessions = request.app.state.sessions
    return await run_in_threadpool(sessions.lasts, session.token)


def _bearer(request: Request, token: str) -> Principal | None:
    sessions: ConsoleSessions = request.app.state.sessions
    keys: KeyStore = request.app.state.keys
    key_id = sessions.key_of(token)
    return keys.principal_of(key_id) if key_id else None


def keep(response: Response, token: str, *, secure: bool) -> None:
    """Give a session's token to the browser, for as long as that runs.

    Strict: no page of another site takes it along, not even by a link.
    """
    name, path = (_SECURE, "/") if secure else (_PLAIN, PATH)
    response.set_cookie(name, token, path=path, secure=secure, httponly=True, samesite="strict")


def forget(response: Response) -> None:
    """Let the browser forget the session's token."""
    response.delete_cookie(_SECURE, path="/", secure=True, httponly=True, samesite="strict")
    response.delete_cookie(_PLAIN, path=PATH, httponly=True, samesite="strict")
