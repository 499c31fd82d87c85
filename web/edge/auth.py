"""`Authorization: Bearer …`: who asks, and whether they may."""

import hashlib
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
from keepsake.storage import StorageError, StorageUnavailable, answered_within
from web.edge.limits import RequestLimit
from web.problems import Problem

_CACHED_SECONDS = 5.0
_CACHED_KEYS = 10_000
_REMEMBERED_SECONDS = 86_400.0
_ASKED_SECONDS = 2.0
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

    Who bears the key of an operator is remembered for a day, for what has to be answered while
    MongoDB is away. Then no key can be revoked either, unless this process alone is cut off.
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._known: dict[str, tuple[float, Principal]] = {}
        self._remembered: dict[bytes, tuple[float, Principal]] = {}
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

    @property
    def cut_off(self) -> bool:
        """Whether it cannot hear of keys that change, as it is while MongoDB is away."""
        return not self._following

    def remembered(self, header: str | None) -> Principal | None:
        """Who bore an operator's key when it was last checked, unless it was revoked since."""
        known = self._remembered.get(_digest(_sent(header)))
        return known[1] if known and known[0] > time.monotonic() else None

    def _looked_up(self, header: str | None) -> Principal:
        key = _sent(header)
        if not key:
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
                now, left = time.monotonic(), principal.seconds_left
                self._known[header or ""] = (now + min(_CACHED_SECONDS, left), principal)
                if principal.role in OPERATORS:
                    until = now + min(_REMEMBERED_SECONDS, left)
                    self._remembered[_digest(key)] = (until, principal)
        return principal

    def _changed(self) -> None:
        """Forget what is kept, and remember no key that is good no longer: one round trip."""
        self._forget()
        remembered, self._remembered = self._remembered, {}
        if remembered:
            good = self._keys.good(principal.key_id for _, principal in remembered.values())
            still = {key: known for key, known in remembered.items() if known[1].key_id in good}
            self._remembered = still | self._remembered

    def _forget(self) -> None:
        with self._lock:
            self._known.clear()
            self._forgotten += 1

    def _follow(self) -> None:
        while not self._closing.is_set():
            try:
                for _ in self._keys.follow(self._closing, self._changed):
                    self._following = True
            except StorageError:
                _log.warning("keys.not_followed")
            finally:
                self._following = False
                self._forget()
            self._closing.wait(_AGAIN_SECONDS)


def _sent(header: str | None) -> str:
    """The key in an Authorization header; empty if there is none."""
    scheme, _, key = (header or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _digest(key: str) -> bytes:
    """What a key is remembered by: the key itself is not kept for long."""
    return hashlib.sha256(key.encode()).digest()


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
        return _within_scope(principal, request)


admitted = Admission()


class AdmissionInOutages(Admission):
    """The same for what operators read; while MongoDB is away, for keys that were good before."""

    async def __call__(self, request: Request) -> Principal | None:  # type: ignore[override]
        """The principal of a request, as `Admission` has it, or as it was; in two seconds.

        None: nobody can say now whose key it is.
        """
        authenticator: Authenticator = request.app.state.authenticator
        known = authenticator.remembered(request.headers.get("authorization"))
        if known is not None and authenticator.cut_off:
            return _within_scope(known, request)
        try:
            with answered_within(_ASKED_SECONDS):
                return await super().__call__(request)
        except StorageUnavailable:
            return known and _within_scope(known, request)


admitted_in_outages = AdmissionInOutages()


def _within_scope(principal: Principal, request: Request) -> Principal:
    needed = scope_of(request.scope["path"])
    if needed is not None:
        require_scope(principal, needed)
    return principal


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
    return _operating(principal)


async def observer_in_outages(
    principal: Annotated[Principal | None, Depends(admitted_in_outages)],
) -> Principal | None:
    """The same, while MongoDB is away too; None for one whose key cannot be checked then."""
    return principal and _operating(principal)


def _operating(principal: Principal) -> Principal:
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
ObserverInOutages = Annotated[Principal | None, Depends(observer_in_outages)]
Operator = Annotated[Principal, Depends(operator)]
