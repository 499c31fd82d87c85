"""`Authorization: Bearer …`: who asks, and whether they may."""

import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from starlette.types import Scope as ASGIScope

from keepsake.access import ADMIN, JOBS, OPERATORS, KeyStore, Principal, Role
from keepsake.parts import job_types
from keepsake.storage import StorageError
from web.edge.limits import RequestLimit
from web.problems import Problem

_CACHED_SECONDS = 5.0
_CACHED_KEYS = 10_000
_RESOURCE = 2
_AGAIN_SECONDS = 1.0
PASSED_ON = "/mcp"
"""Where tools of agents are called; they become requests of the caller's."""
BEARER = "bearer"
"""In the state of a request that another one of this process makes: whose it is."""
_log = logging.getLogger("keepsake.web")
_SCOPES: dict[str, str | None] = {
    **{scope: scope for scope in job_types().scopes},
    "users": "memory",
    "code": "scanner",
    "verify-key": None,
    ADMIN: ADMIN,
    "console": None,
    "usage": None,
}
"""What the part of a path after its version needs; None is any key, all else needs `jobs`."""


class Authenticator:
    """Checks keys against the store; an answer is kept for a few seconds.

    A change of any key empties what is kept, in every process. While changes cannot be followed,
    nothing is kept. So a revoked key is refused at once, and a request costs no round trip.
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._known: dict[str, tuple[float, Principal]] = {}
        self._lock = threading.Lock()
        self._following = False
        self._forgotten = 0
        self._closing = threading.Event()

    def follow(self) -> None:
        """Follow changed keys from now on, in a thread of its own."""
        threading.Thread(target=self._follow, name="keys", daemon=True).start()

    def close(self) -> None:
        """Stop following."""
        self._closing.set()

    def principal(self, header: str | None) -> Principal:
        """Who bears the key of an Authorization header.

        Raises:
            Problem: 401, when there is no key or it is not good.
            StorageUnavailable: MongoDB does not answer.
        """
        return self.known(header) or self._looked_up(header)

    def known(self, header: str | None) -> Principal | None:
        """Who bears the key, if it was checked a moment ago; no round trip."""
        cached = self._known.get(header or "")
        return cached[1] if cached and cached[0] > time.monotonic() else None

    def _looked_up(self, header: str | None) -> Principal:
        scheme, _, key = (header or "").partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise _unauthorized("Send an API key: Authorization: Bearer <key>.", "")
        forgotten = self._forgotten
        principal = self._keys.principal(key)
        if principal is None:
            raise key_refused()
        with self._lock:
            if len(self._known) >= _CACHED_KEYS:
                self._known.clear()
            unchanged = forgotten == self._forgotten  # no key has changed since this one was read
            if self._following and unchanged:
                kept = min(_CACHED_SECONDS, principal.seconds_left)
                self._known[header or ""] = (time.monotonic() + kept, principal)
        return principal

    def _forget(self) -> None:
        with self._lock:
            self._known.clear()
            self._forgotten += 1

    def _follow(self) -> None:
        while not self._closing.is_set():
            try:
                for _ in self._keys.follow(self._closing, self._forget):
                    self._following = True
            except StorageError:
                _log.warning("keys.not_followed")
            finally:
                self._following = False
                self._forget()
            self._closing.wait(_AGAIN_SECONDS)


def key_refused() -> Problem:
    """The answer to a key that is not good, or no longer."""
    return _unauthorized("This API key is unknown, revoked or expired.", "invalid_token")


def _unauthorized(detail: str, error: str) -> Problem:
    challenge = 'Bearer realm="keepsake"' + (f', error="{error}"' if error else "")
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": challenge})


async def authenticated(request: Request) -> Principal:
    """The principal of a request; a key seen a moment ago costs no thread."""
    bearer: Principal | None = request.scope["state"].get(BEARER)
    if bearer is not None:
        return bearer
    authenticator: Authenticator = request.app.state.authenticator
    header = request.headers.get("authorization")
    if known := authenticator.known(header):
        return known
    return await run_in_threadpool(authenticator.principal, header)


class Admission(SecurityBase):
    """The scheme that the documentation shows, and its check: one dependency instead of two."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel(description="An API key, `ksk_…`")
        self.scheme_name = "ApiKey"

    async def __call__(self, request: Request) -> Principal:
        """The principal of a request that is within its scopes and its rate; counted once."""
        state = request.scope["state"]
        if "principal" not in state:
            state["principal"] = await self._admitted(request)
        principal: Principal = state["principal"]
        return principal

    async def _admitted(self, request: Request) -> Principal:
        principal = await authenticated(request)
        limit: RequestLimit = request.app.state.request_limit
        await limit.spend(principal, request)
        needed = scope_of(request.scope["path"])
        if needed is not None:
            require_scope(principal, needed)
        return principal


admitted = Admission()


def require_scope(principal: Principal, needed: str) -> None:
    """Refuse a key that is not good for a scope.

    Raises:
        Problem: 403, which names the scope.
    """
    if needed not in principal.scopes:
        detail = f"This key does not have the scope `{needed}`."
        raise Problem(403, "forbidden", detail, needed=needed)


def admission(app: FastAPI) -> Callable[[ASGIScope], Awaitable[Principal]]:
    """Admits a request by its ASGI scope, before the app's router sees it."""

    def admit(scope: ASGIScope) -> Awaitable[Principal]:
        return admitted(Request({**scope, "app": app}))

    return admit


def scope_of(path: str) -> str | None:
    """The scope that a path belongs to, by the part after its version.

    None for what only passes requests on: each of these needs its own.
    """
    if path == PASSED_ON:
        return None
    parts = path.split("/", _RESOURCE + 1)
    return _SCOPES.get(parts[_RESOURCE] if len(parts) > _RESOURCE else "", JOBS)


async def observer(principal: Annotated[Principal, Depends(admitted)]) -> Principal:
    """The principal of a request that operators of both kinds may make."""
    if principal.role not in OPERATORS:
        raise Problem(403, "forbidden", "This needs a key with an operator role.")
    return principal


async def operator(principal: Annotated[Principal, Depends(admitted)]) -> Principal:
    """The principal of a request that only operators who act may make."""
    if principal.role is not Role.OPERATOR:
        raise Problem(403, "forbidden", "This needs a key with the role `operator`.")
    return principal


Caller = Annotated[Principal, Depends(admitted)]
Observer = Annotated[Principal, Depends(observer)]
Operator = Annotated[Principal, Depends(operator)]
