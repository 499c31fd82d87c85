"""Accepting work: the record, the ring, the 202; or, if the client waits, the end."""

import re
from collections.abc import Callable
from typing import Self

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from jobs.engine import Engine
from jobs.errors import JobError
from jobs.job import Accepted, Job, NewJob
from middleware.doorbell import Doorbell
from storage.errors import StorageError
from web import waiting
from web.hub import Hub
from web.pacing import retry_after
from web.schemas import JobView, status_url

_WAIT = re.compile(r"\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?:;.*)?", re.IGNORECASE)


class Submission:
    """One request's way to a job."""

    def __init__(
        self,
        engine: Engine,
        doorbell: Doorbell,
        hub: Hub,
        require_room: Callable[[], None],
        response: Response,
    ) -> None:
        self._engine = engine
        self._doorbell = doorbell
        self._hub = hub
        self._require_room = require_room
        self._response = response
        self._prefer: list[str] = []

    def preferring(self, prefer: list[str]) -> Self:
        """The same, waiting as a `Prefer` header asks."""
        self._prefer = prefer
        return self

    async def submit(self, new: NewJob | Callable[[], NewJob]) -> JobView:
        """Accept a job and describe it; with `Prefer: wait`, wait for its end first.

        When this returns, the job is on disk on a majority of the database's members. If RabbitMQ
        did not confirm the ring, the relay rings later. A callable is called off the event loop.

        Raises:
            JobError: The idempotency key does not fit.
            Problem: 429, when too many of the owner's jobs are unfinished.
            StorageUnavailable: MongoDB does not answer; nothing was accepted.
        """
        accepted = await run_in_threadpool(self._accept, new)
        headers = self._response.headers
        headers["Location"] = status_url(accepted.job.id)
        if not accepted.created:
            headers["Idempotency-Replayed"] = "true"
        seconds = preferred_wait(self._prefer)
        job = accepted.job
        if seconds is not None:
            headers["Preference-Applied"] = f"wait={seconds}"
            job = await self._waited(job, seconds)
            if waiting.ended(job):
                self._response.status_code = 200
        if not waiting.ended(job):
            headers["Retry-After"] = retry_after(job)
        return JobView.of(job)

    def _accept(self, new: NewJob | Callable[[], NewJob]) -> Accepted:
        self._require_room()
        accepted = self._engine.acceptance.accept(new() if callable(new) else new)
        if accepted.created:
            self._doorbell.ring(accepted.job, awaited=False)
        return accepted

    async def _waited(self, job: Job, seconds: int) -> Job:
        """The job after the wait; whatever fails meanwhile, it stays accepted."""
        try:
            return await waiting.until(self._hub, self._engine.control, job, waiting.ended, seconds)
        except (StorageError, JobError):
            return job


def preferred_wait(prefer: list[str]) -> int | None:
    """The seconds of `Prefer: wait=N` (RFC 7240), at most 30; the first one counts.

    What is malformed is ignored, as the RFC asks.
    """
    for preference in ",".join(prefer).split(","):
        if found := _WAIT.fullmatch(preference):
            return min(int(found[1]), waiting.LONGEST_SECONDS)
    return None
