"""Decides whether a failed attempt is tried again, and when; the waiting is MongoDB's."""

import traceback
from random import Random

from keepsake.jobs import (
    Failure,
    Outage,
    Permanent,
    Registry,
    TimeLimitReached,
    Transient,
    delay_seconds,
)
from keepsake.storage import Document, StorageUnavailable, redacted
from middleware.running import AttemptMiddleware, GiveUp, Retry, Run

_FRAMES = 12
OUTAGES = (Outage, StorageUnavailable)
"""Failures of something outside; MongoDB is outside too."""


class Retries(AttemptMiddleware):
    """Turns a failure into a decision, which `Status` records: `Retry` or `GiveUp`."""

    def __init__(self, types: Registry, chance: Random | None = None) -> None:
        self._types = types
        self._chance = chance or Random()  # noqa: S311 - jitter is no secret

    def ended(self, run: Run) -> None:
        """Decide, if the attempt failed."""
        run.decision = self.decide(run)

    def decide(self, run: Run) -> Retry | GiveUp | None:
        """What becomes of an attempt: None when it did not fail."""
        if isinstance(run.stop, TimeLimitReached):
            error: Document = {"kind": "timeout", "type": "attempt-timeout",
                               "message": "the attempt reached its time limit"}  # fmt: skip
        elif run.failure is not None:
            error = described(run.failure)
        else:
            return None
        claim = run.attempt.claim
        error["attempt"] = claim.attempt
        if isinstance(run.failure, OUTAGES):
            return self._again(run, error, claim.outages + 1, outage=True)
        last = claim.attempt >= int(claim.job.record["limits"]["max_attempts"])
        if last or isinstance(run.failure, Permanent):
            return GiveUp(error)
        return self._again(run, error, claim.attempt, outage=False)

    def _again(self, run: Run, error: Document, tries: int, *, outage: bool) -> Retry:
        """Wait after some tries that failed in the same way."""
        asked = run.failure.retry_after_seconds if isinstance(run.failure, Transient) else None
        limits = self._types[run.attempt.claim.job.type].limits
        return Retry(error, delay_seconds(limits, tries, self._chance, asked), outage)


def described(failure: Exception) -> Document:
    """An error for the record.

    Only our own failures keep their message: what a library says may quote a user or a secret.
    The traceback keeps places, not values.
    """
    frames = traceback.extract_tb(failure.__traceback__)[-_FRAMES:]
    error = {"kind": "transient", "type": "internal", "message": "an unexpected error on our side"}
    if isinstance(failure, StorageUnavailable):
        error = {"kind": Outage.kind, "type": "database-away", "message": str(failure)}
    elif isinstance(failure, Failure):
        error = {
            "kind": failure.kind,
            "type": failure.error_type,
            "message": redacted(str(failure)),
        }
    return {
        **error,
        "exception": type(failure).__name__,
        "traceback": [f"{'/'.join(frame.filename.rsplit('/', 2)[-2:])}:{frame.lineno} {frame.name}"
                      for frame in frames],
    }  # fmt: skip
