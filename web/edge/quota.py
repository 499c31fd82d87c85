"""How much an owner may store: looked up now and then, and asked before anything is added."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from keepsake.access import Principal
from web.edge.auth import Caller
from web.edge.limits import SingleFlight
from web.problems import Problem
from web.settings import WebSettings

_KNOWN_SECONDS = 5.0
_OWNERS_KEPT = 10_000
UsageOf = Callable[[str], Mapping[str, int]]
"""The bytes that a part of the service stores of an owner, by kind."""


@dataclass(slots=True)
class _Usage:
    """What an owner stored when it was last looked up."""

    total: int = 0
    at: float = -math.inf
    look: SingleFlight = field(default_factory=SingleFlight)


class StorageQuota:
    """Knows what owners store for a few seconds; without a limit nothing is looked up.

    So the limit may be passed by what is added within these, and by jobs that were accepted before.
    """

    def __init__(self, parts: Sequence[UsageOf], settings: WebSettings) -> None:
        self._parts = parts
        self._default = settings.stored_bytes_limit
        self._usages: dict[str, _Usage] = {}

    def stored(self, owner: str) -> dict[str, int]:
        """The bytes of an owner by kind, as they are now.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        return {kind: size for part in self._parts for kind, size in part(owner).items()}

    def limit(self, principal: Principal | None) -> int | None:
        """How much an owner may store by one of its keys; None is as much as there is room."""
        own = principal.limits.stored_bytes if principal else None
        return self._default if own is None else own

    async def require_room(self, principal: Principal, more: int = 0) -> None:
        """Make sure that an owner may add something.

        more: bytes that it adds, as far as that is known.

        Raises:
            Problem: 403, when it stores as much as it may.
            StorageUnavailable: MongoDB does not answer.
        """
        limit = self.limit(principal)
        if limit is None:
            return
        usage = self._of(principal.owner)
        if time.monotonic() - usage.at > _KNOWN_SECONDS:
            await usage.look.share(lambda: self._look(usage, principal.owner))
        if usage.total + more >= limit:
            detail = f"{usage.total} bytes are stored, {limit} are allowed; delete or erase some."
            raise Problem(
                403, "quota-exceeded", detail, limit_bytes=limit, stored_bytes=usage.total
            )

    def _of(self, owner: str) -> _Usage:
        if len(self._usages) >= _OWNERS_KEPT:
            self._usages.clear()
        return self._usages.setdefault(owner, _Usage())

    async def _look(self, usage: _Usage, owner: str) -> None:
        stored = await run_in_threadpool(self.stored, owner)
        usage.total, usage.at = sum(stored.values()), time.monotonic()


async def _quota(request: Request) -> StorageQuota:
    quota: StorageQuota = request.app.state.quota
    return quota


Quota = Annotated[StorageQuota, Depends(_quota)]


async def _room(caller: Caller, quota: Quota) -> None:
    await quota.require_room(caller)


Room = Depends(_room)
"""For routes that store at once: `dependencies=[Room]`. Those of jobs ask by themselves."""
