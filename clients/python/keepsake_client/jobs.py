"""Jobs by their ids: where they stand, and what may be asked of one or of many."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keepsake_client.events import followed
from keepsake_client.handles import WAIT_SECONDS, AsyncJob, OnProgress
from keepsake_client.models.admin import DeadLetter, DeadLetterPage, LetterGroup, LetterGroups
from keepsake_client.models.jobs import (
    Effect,
    Effects,
    JobEvent,
    JobInfo,
    JobPage,
    ManyDone,
    Undone,
)
from keepsake_client.session import Request, Resource, get, given, path
from keepsake_client.submitting import Submitted, submission
from keepsake_client.surfaces import Awaiting, Blocking, operation, stream

_JOBS, _DEAD_LETTERS = "/v1/jobs", "/v1/dead-letters"


@dataclass(frozen=True)
class JobFilter:
    """Which of the owner's jobs are meant: all conditions hold, an absent one for all.

    label: `name:value`, each of which a job has to have. error_type: that of the error that it
    shows.
    """

    status: Sequence[str] | None = None
    type: Sequence[str] | None = None
    created_after: datetime | str | None = None
    created_before: datetime | str | None = None
    label: Sequence[str] | None = None
    error_type: str | None = None


class JobsCalls(Resource):
    """What can be asked of an owner's jobs. What is not here can be asked of a handle."""

    @submission
    async def get(self, job_id: str) -> Submitted[Any]:
        """The handle of a job.

        Raises:
            JobNotFound: It is unknown, or another owner's.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> client.jobs.get(job.id).id == job.id
        True
        """
        return Submitted(self._session, await self._info(job_id), as_it_is)

    @operation
    async def wait(
        self, job_id: str, timeout: float = WAIT_SECONDS, on_progress: OnProgress | None = None
    ) -> JobInfo:
        """Wait for a job's end, as its handle does.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> client.jobs.wait(job.id, 60).status
        'succeeded'
        """
        return await (await self._handle(job_id)).wait(timeout, on_progress)

    @operation
    async def cancel(self, job_id: str, reason: str = "") -> JobInfo:
        """Cancel a job, as its handle does.

        >>> job = client.memory.add("I like rain.", user_id="busy")
        >>> client.jobs.cancel(job.id, "sent by mistake").status
        'cancelled'
        """
        return await (await self._handle(job_id)).cancel(reason)

    @operation
    async def undo(self, job_id: str) -> Undone:
        """Take back what a job did to memories, though its record may be gone.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> job.wait(60).status
        'succeeded'
        >>> client.jobs.undo(job.id).job_id == job.id
        True
        """
        request = Request("POST", path(_JOBS + "/{}:undo", job_id), repeatable=True)
        return await self._session.fetch(request, Undone)

    @operation
    async def effects(self, job_id: str) -> "list[Effect]":
        """What a job did to memories, though its record may be gone.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> job.wait(60).status
        'succeeded'
        >>> client.jobs.effects(job.id)[0].content
        'I like tea.'
        """
        request = get(path(_JOBS + "/{}/effects", job_id))
        return (await self._session.fetch(request, Effects)).effects

    @stream
    async def events(self, last_event_id: str = "") -> AsyncIterator[JobEvent]:
        """What happens to all of the owner's jobs, from a snapshot of the unfinished ones on.

        It has no end: leave it when you have seen enough.

        >>> next(client.jobs.events()).kind
        'snapshot'
        """
        url = _JOBS + "/events"
        async with aclosing(followed(self._session, url, last_event_id, ends=False)) as events:
            async for event in events:
                yield event

    @stream
    async def list(
        self,
        *,
        status: Sequence[str] | None = None,
        type: Sequence[str] | None = None,  # noqa: A002 - the service's name
        created_after: datetime | str | None = None,
        created_before: datetime | str | None = None,
        label: Sequence[str] | None = None,
        error_type: str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[JobInfo]:
        """The owner's jobs, newest first; of these states and types, if any are named.

        label: `name:value`, each of which a job has to have. error_type: the `type` of the error
        that it shows.

        >>> job = client.memory.add("I like tea.", user_id="ana", labels={"team": "cli"})
        >>> [info.job_id for info in client.jobs.list(label=["team:cli"])] == [job.id]
        True
        """
        params = given(status=status, type=type, created_after=created_after,
                       created_before=created_before, label=label, error_type=error_type,
                       page_size=page_size)  # fmt: skip
        async for page in self._session.pages(get(_JOBS, params), JobPage):
            for info in page.jobs:
                yield info

    @operation
    async def cancel_many(self, which: JobFilter, *, dry_run: bool = False) -> ManyDone:
        """Cancel up to 1,000 jobs; or only count them.

        >>> client.jobs.cancel_many(JobFilter(type=["scanner.scan"]), dry_run=True).changed
        0
        """
        return await self._many("cancel", which, dry_run=dry_run)

    @operation
    async def retry_many(self, which: JobFilter, *, dry_run: bool = False) -> ManyDone:
        """Try again now up to 1,000 jobs that wait for their next try.

        >>> client.jobs.retry_many(JobFilter(status=["retrying"])).changed
        0
        """
        return await self._many("retry", which, dry_run=dry_run)

    @operation
    async def replay_many(self, which: JobFilter, *, dry_run: bool = False) -> ManyDone:
        """Make new jobs from up to 1,000 dead letters.

        >>> client.jobs.replay_many(JobFilter()).job_ids
        []
        """
        return await self._many("replay", which, dry_run=dry_run)

    async def _many(self, action: str, which: JobFilter, *, dry_run: bool) -> ManyDone:
        body = {**given(**vars(which)), "dry_run": dry_run}
        request = Request("POST", f"{_JOBS}:{action}", body=body, repeatable=action == "cancel")
        return await self._session.fetch(request, ManyDone)

    async def _info(self, job_id: str) -> JobInfo:
        return await self._session.fetch(get(path(_JOBS + "/{}", job_id)), JobInfo)

    async def _handle(self, job_id: str) -> AsyncJob[Any]:
        """A handle for this implementation, which awaits on either side."""
        return AsyncJob(self._session, await self._info(job_id), as_it_is)


def as_it_is(result: object) -> Any:
    """The result of a job whose type is not known: its JSON."""
    return result


class Jobs(JobsCalls, Blocking):
    """Jobs, for code that blocks."""


class AsyncJobs(JobsCalls, Awaiting):
    """Jobs, for coroutines."""


class DeadLetterCalls(Resource):
    """What can be asked of jobs that were given up: the owner's, and for operators everyone's."""

    @operation
    async def get(self, job_id: str) -> DeadLetter:
        """The dead letter of a job; to its owner with what was asked for.

        >>> client.dead_letters.get(dead_job_id).payload["user_query"]
        'I like figs.'
        """
        return await self._session.fetch(get(path(_DEAD_LETTERS + "/{}", job_id)), DeadLetter)

    @submission
    async def replay(self, job_id: str) -> Submitted[Any]:
        """Make a new job from a dead letter.

        >>> client.dead_letters.replay(dead_job_id).wait(60).status
        'succeeded'
        """
        request = Request("POST", path(_DEAD_LETTERS + "/{}:replay", job_id))
        info = await self._session.fetch(request, JobInfo)
        return Submitted(self._session, info, as_it_is)

    @operation
    async def discard(self, job_id: str) -> None:
        """Close a dead letter for good; its payload is erased.

        >>> client.dead_letters.discard(dead_job_id)
        >>> client.dead_letters.get(dead_job_id).status
        'discarded'
        """
        await self._session.answer(Request("POST", path(_DEAD_LETTERS + "/{}:discard", job_id)))

    @operation
    async def groups(self, owner: str | None = None) -> "list[LetterGroup]":
        """What open dead letters died of, the causes with most first; for operators by place.

        >>> [group.letters for group in operator.dead_letters.groups()]
        []
        """
        request = get(_DEAD_LETTERS + "/groups", given(owner=owner))
        return (await self._session.fetch(request, LetterGroups)).groups

    @stream
    async def list(
        self, *, status: str | None = None, owner: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[DeadLetter]:
        """Dead letters, newest first; status: `open`, `replayed` or `discarded` ones alone.

        >>> list(client.dead_letters.list())
        []
        """
        params = given(status=status, owner=owner, page_size=page_size)
        async for page in self._session.pages(get(_DEAD_LETTERS, params), DeadLetterPage):
            for letter in page.dead_letters:
                yield letter


class DeadLetters(DeadLetterCalls, Blocking):
    """Dead letters, for code that blocks."""


class AsyncDeadLetters(DeadLetterCalls, Awaiting):
    """Dead letters, for coroutines."""
