"""Accepting work: the record, the ring, the 202; or, if the client waits, the end."""

import re
from collections.abc import Callable

from fastapi import Response, status

from keepsake.access.keys import Principal
from keepsake.jobs.control.actions import Control
from keepsake.jobs.errors import JobError
from keepsake.jobs.job import Job, NewJob
from keepsake.storage.errors import StorageError
from web.accepting.intake import Intake
from web.edge.held_requests import HeldRequests
from web.job_views import waiting
from web.job_views.hub import Hub
from web.job_views.schemas import JobView, status_url
from web.problems import Problem, retry_after

_WAIT = re.compile(r"\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?:;.*)?", re.IGNORECASE)


class Submission:
    """One request's way to a job.

    caller: who asks. key: the Idempotency-Key, as it was sent. trace: the request's traceparent,
    which the job's log lines and messages carry on.
    """

    def __init__(
        self,
        intake: Intake,
        control: Control,
        hub: Hub,
        held: HeldRequests,
        caller: Principal,
        *,
        key: str | None,
        prefer: list[str],
        trace: str,
    ) -> None:
        self.caller = caller
        self.key = key
        self._intake = intake
        self._control = control
        self._hub = hub
        self._held = held
        self._prefer = prefer
        self._trace = trace

    async def accept(self, new: NewJob | Callable[[], NewJob]) -> Job:
        """Accept a job, whatever the client prefers."""
        return (await self._intake.accept(self.caller, new, self._trace)).job

    async def submit(self, new: NewJob | Callable[[], NewJob]) -> Response:
        """Accept a job and describe it; with `Prefer: wait`, wait for its end first.

        Raises:
            JobError: The idempotency key does not fit.
            Problem: 429, when too many of the owner's jobs are unfinished.
            StorageUnavailable: MongoDB does not answer; the job may or may not be accepted.
        """
        accepted = await self._intake.accept(self.caller, new, self._trace)
        job = accepted.job
        headers = {"Location": status_url(job.id)}
        if not accepted.created:
            headers["Idempotency-Replayed"] = "true"
        if self._prefer and (seconds := preferred_wait(self._prefer)) is not None:
            headers["Preference-Applied"] = f"wait={seconds}"
            job = await self._waited(job, seconds)
            if waiting.ended(job):
                return _described(job, status.HTTP_200_OK, headers)
        if not waiting.ended(job):
            headers["Retry-After"] = retry_after(job)
        return _described(job, status.HTTP_202_ACCEPTED, headers)

    async def _waited(self, job: Job, seconds: int) -> Job:
        """The job after the wait; whatever fails meanwhile, it stays accepted."""
        try:
            held = self._held.by(self.caller)
            return await waiting.until(self._hub, self._control, job, waiting.ended, seconds, held)
        except (StorageError, JobError, Problem):
            return job


def _described(job: Job, status_code: int, headers: dict[str, str]) -> Response:
    """Serialised here, once: FastAPI would validate the view again."""
    body = JobView.of(job).model_dump_json()
    return Response(body, status_code, headers, media_type="application/json")


def preferred_wait(prefer: list[str]) -> int | None:
    """The seconds of `Prefer: wait=N` (RFC 7240), at most 30; the first one counts.

    What is malformed is ignored, as the RFC asks.
    """
    for preference in ",".join(prefer).split(","):
        if found := _WAIT.fullmatch(preference):
            return min(int(found[1]), waiting.LONGEST_SECONDS)
    return None
