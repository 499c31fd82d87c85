"""One claimed execution: what its work holds, and when a failed one is tried again."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, TypeVar

from pymongo.client_session import ClientSession

from keepsake.jobs.claims import Claims
from keepsake.jobs.errors import CancelRequested, HandBack, LeaseLost, PauseRequested, Stop
from keepsake.jobs.job import Claim, Job
from keepsake.jobs.job_types import Limits

T = TypeVar("T")

_REQUESTS: dict[str, type[Stop]] = {"cancel": CancelRequested, "pause": PauseRequested}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job is. done and total count `unit`s; total is None while it is not known."""

    stage: str
    done: int = 0
    total: int | None = None
    unit: str = "items"
    message: str = ""
    failed: int = 0


class Attempt:
    """One claimed execution of a job."""

    def __init__(self, claims: Claims, claim: Claim, slice_seconds: float) -> None:
        self._claims = claims
        self.claim = claim
        self._slice_ends = time.monotonic() + slice_seconds
        self._stop: type[Stop] | None = None
        self._changed = threading.Event()
        self._outcomes: dict[str, Any] = {}
        self.happened: Callable[[str], None] = _unobserved
        """Hears of what happens while it runs: `checkpoint`, `lease.renewed`, `lease.lost`."""
        self.state: Any = claim.job.get("checkpoint")

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self.claim.job.id

    @property
    def owner(self) -> str:
        """Whose job it is."""
        return self.claim.job.owner

    @property
    def payload(self) -> Any:
        """What was posted."""
        return self.claim.job.record["payload"]

    @property
    def credential(self) -> str | None:
        """The reference of the job's secret in the vault."""
        reference: str | None = self.claim.job.get("credential")
        return reference

    def request(self, stop: type[Stop]) -> None:
        """Ask the attempt to stop at its next checkpoint; called from other threads."""
        self._stop = stop
        self._changed.set()

    @property
    def requested(self) -> type[Stop] | None:
        """How the attempt was asked to stop, if it was."""
        return self._stop

    def wait_stopped(self, timeout_seconds: float) -> bool:
        """Wait until the attempt is asked to stop; False when the time is over first."""
        return self._changed.wait(timeout_seconds)

    def check(self) -> None:
        """Stop here if asked to; costs nothing.

        Raises:
            Stop: As requested.
        """
        if self._stop is not None:
            raise self._stop(self.job_id)

    def progress(self, progress: Progress) -> None:
        """Publish how far the job is.

        Raises:
            Stop: The lease is lost, or the owner asked to cancel or pause.
        """
        self._save({"progress": asdict(progress)})

    def checkpoint(self, state: Any, progress: Progress | None = None) -> None:
        """Save what is done, so that the next attempt goes on from here.

        state: a JSON value, replaced as a whole; not sent again when it is the one that was saved.

        Raises:
            Stop: The lease is lost, the owner asked to cancel or pause, or the slice's budget is
                spent; what was saved is kept.
        """
        changes: dict[str, Any] = dict(self._outcomes)
        if state is None or state is not self.state:
            changes["checkpoint"] = state
        if progress is not None:
            changes["progress"] = asdict(progress)
        self._save(changes, "checkpoint")
        self.state = state
        self._outcomes.clear()
        if time.monotonic() >= self._slice_ends:
            raise HandBack(self.job_id)

    def log(self, message: str, *, level: str = "info") -> None:
        """Add a line to the job's log, which watchers see; one write, so for what matters only.

        level: `info` or `warning`; message: without user text and secrets.

        Raises:
            Stop: The lease is lost, or the owner asked to cancel or pause.
        """
        self._obey(self._claims.log(self.claim, level, message))

    def outcome(self, position: int, status: str, error: str | None = None) -> None:
        """Say how one item of a batch went; written with the next checkpoint.

        status: `succeeded`, `skipped` or `failed`; error: what failed, without user text.
        """
        self._outcomes[f"items.{position}"] = {"status": status, "error": error}

    def steps(self, items: Iterable[T], *, stage: str, unit: str = "items") -> Iterator[T]:
        """Go through items with a checkpoint after each, skipping those done before.

        The checkpoint is the number of items done, so the items must come in the same order in
        every attempt.
        """
        listed = list(items)
        done = int((self.state or {}).get(stage, 0))
        for position in range(done, len(listed)):
            self.check()
            yield listed[position]
            now = Progress(stage=stage, done=position + 1, total=len(listed), unit=unit)
            with suppress(HandBack) if position + 1 == len(listed) else nullcontext():
                self.checkpoint({**(self.state or {}), stage: position + 1}, now)

    def assert_owned(self, session: ClientSession) -> None:
        """The fence: tie a store's transaction to this attempt (`keepsake.storage.mongo.Fence`).

        Raises:
            LeaseLost: The job is no longer this attempt's.
        """
        self.check()
        self._claims.assert_owned(self.claim, session)

    def _save(self, changes: dict[str, Any], what: str = "") -> None:
        """Write first, stop afterwards: what is done must not be done again."""
        saved = self._claims.save(self.claim, changes)
        if what:
            self.happened(what)
        self._obey(saved)

    def _obey(self, saved: Job) -> None:
        asked = (saved.get("control") or {}).get("action")
        if asked in _REQUESTS:
            self.request(_REQUESTS[asked])
        self.check()


def _unobserved(_what: str) -> None:
    """Nobody has to hear of it."""


def lost(attempt: Attempt) -> None:
    """Ask an attempt to stop, since its lease is gone."""
    attempt.request(LeaseLost)


_MAX_EXPONENT = 30


def delay_seconds(
    limits: Limits, failures: int, chance: Random, retry_after_seconds: float | None = None
) -> float:
    """Seconds until the next try after the given number of failures (1 or more).

    Exponential with full jitter, which spreads a crowd of retries best (Brooker, "Exponential
    Backoff And Jitter", AWS 2015), over a floor of half the base so that no retry is immediate.
    An upstream's Retry-After is a floor too, up to the type's maximum.
    """
    exponent = min(failures - 1, _MAX_EXPONENT)
    ceiling = min(limits.backoff_max_seconds, limits.backoff_base_seconds * 2**exponent)
    floor = limits.backoff_base_seconds / 2
    delay = max(floor, chance.uniform(0, ceiling))
    if retry_after_seconds is not None:
        delay = max(delay, min(retry_after_seconds, limits.backoff_max_seconds))
    return delay
