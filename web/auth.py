"""`Authorization: Bearer …`: who asks."""

import threading
import time
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from access.keys import KeyStore, Principal, Role
from web.problems import Problem

_CACHED_SECONDS = 5.0
_CACHED_KEYS = 10_000


class Authenticator:
    """Checks keys against the store; an answer is kept for a few seconds.

    So a revoked key works for at most five seconds more, and a request costs no extra round trip.
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._known: dict[str, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def principal(self, header: str | None) -> Principal:
        """Who bears the key of an Authorization header.

        Raises:
            Problem: 401, when there is no key or it is not good.
            StorageUnavailable: MongoDB does not answer.
        """
        return self.known(header) or self._looked_up(header)

    def known(self, header: str | None) -> Principal | None:
        """Who bears the key, if it was checked a moment ago; asks nobody."""
        cached = self._known.get(header or "")
        return cached[1] if cached and cached[0] > time.monotonic() else None

    def _looked_up(self, header: str | None) -> Principal:
        scheme, _, key = (header or "").partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise _unauthorized("Send an API key: Authorization: Bearer <key>.", "")
        principal = self._keys.principal(key)
        if principal is None:
            raise _unauthorized("This API key is unknown, revoked or expired.", "invalid_token")
        with self._lock:
            if len(self._known) >= _CACHED_KEYS:
                self._known.clear()
            self._known[header or ""] = (time.monotonic() + _CACHED_SECONDS, principal)
        return principal


def _unauthorized(detail: str, error: str) -> Problem:
    challenge = 'Bearer realm="keepsake"' + (f', error="{error}"' if error else "")
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": challenge})


async def authenticated(request: Request) -> Principal:
    """The principal of a request; a key seen a moment ago costs no thread."""
    authenticator: Authenticator = request.app.state.authenticator
    header = request.headers.get("authorization")
    if known := authenticator.known(header):
        return known
    return await run_in_threadpool(authenticator.principal, header)


async def operator(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
    """The principal of a request that only operators may make."""
    if principal.role is not Role.OPERATOR:
        raise Problem(403, "forbidden", "This needs a key with the operator role.")
    return principal


Caller = Annotated[Principal, Depends(authenticated)]
Operator = Annotated[Principal, Depends(operator)]
