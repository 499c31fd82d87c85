"""A deliberately broken build: the fence is off, so that a test can see chaos find it.

Only the entry point of chaos's workers reads the variable; production code knows nothing of it.
"""

import os
from typing import Any

import keepsake.jobs.batched_claims
import keepsake.jobs.claims
from keepsake.jobs.claims import Claims
from keepsake.jobs.errors import LeaseLost, Stop
from keepsake.jobs.job import Claim
from keepsake.storage.mongo import Document
from middleware.running import Run

VARIABLE = "CHAOS_FENCING"


def asked() -> bool:
    """Whether this process is to run without fences."""
    return os.environ.get(VARIABLE) == "off"


def apply() -> None:
    """Take the fences down: writes name the job but not the token, and no lease is ever missed."""
    interrupt = Run.interrupt

    def whoever(claim: Claim) -> Document:
        return {"_id": claim.job.id, "token": {"$gt": 0}}

    def unless_lost(run: Run, stop: type[Stop]) -> None:
        if stop is not LeaseLost:
            interrupt(run, stop)

    def no_hold(claims: Claims, claim: Claim, session: Any) -> None:
        """Let any transaction commit."""

    for module in (keepsake.jobs.claims, keepsake.jobs.batched_claims):
        setattr(module, "leased_by", whoever)  # noqa: B010 - patched on purpose, here and below
    setattr(Run, "interrupt", unless_lost)  # noqa: B010
    setattr(Claims, "hold", no_hold)  # noqa: B010
