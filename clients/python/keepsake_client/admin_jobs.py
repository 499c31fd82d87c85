"""For operators: the jobs of all owners."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from keepsake_client.jobs import JobFilter
from keepsake_client.models.jobs import ManyDone
from keepsake_client.models.operating import AdminJob, AdminJobDetails, AdminJobPage, JobContent
from keepsake_client.session import Request, Resource, get, given, path
from keepsake_client.surfaces import Awaiting, Blocking, operation, stream

_JOBS = "/v1/admin/jobs"


@dataclass(frozen=True)
class AdminJobFilter(JobFilter):
    """Which jobs of all owners are meant: all conditions hold, an absent one for all."""

    owner: str | None = None
    queue: Sequence[str] | None = None
    worker: str | None = None
    error_place: str | None = None
    job_id: str | None = None


class AdminJobsCalls(Resource):
    """What can be asked of all owners' jobs with a key of an operator."""

    @stream
    async def list(
        self,
        *,
        owner: str | None = None,
        status: Sequence[str] | None = None,
        type: Sequence[str] | None = None,  # noqa: A002 - the service's name
        queue: Sequence[str] | None = None,
        worker: str | None = None,
        error_type: str | None = None,
        error_place: str | None = None,
        label: Sequence[str] | None = None,
        job_id: str | None = None,
        created_after: datetime | str | None = None,
        created_before: datetime | str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[AdminJob]:
        """The jobs of all owners, newest first; all conditions that are given hold.

        worker: the process that runs them, or ran one of their tries. error_type: the `type` of the
        error that they show. error_place: where it was raised. label: `name:value` of labels that
        they have. job_id: how their ids begin.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> job.id in [info.job_id for info in operator.admin.jobs.list(owner="ann")]
        True
        """
        params = given(
            owner=owner, status=status, type=type, queue=queue, worker=worker,
            error_type=error_type, error_place=error_place, label=label, job_id=job_id,
            created_after=created_after, created_before=created_before, page_size=page_size,
        )  # fmt: skip
        async for page in self._session.pages(get(_JOBS, params), AdminJobPage):
            for info in page.jobs:
                yield info

    @operation
    async def get(self, job_id: str) -> AdminJobDetails:
        """One job of any owner: its tries with what was raised where, and why it waits.

        >>> job = client.memory.add("I like rain.", user_id="busy")
        >>> operator.admin.jobs.get(job.id).waits[0].reason
        'lane'
        """
        return await self._session.fetch(get(path(_JOBS + "/{}", job_id)), AdminJobDetails)

    @operation
    async def content(self, job_id: str, reason: str = "") -> JobContent:
        """The payload and the result of a job of any owner; needs the scope `operator:content`.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> operator.admin.jobs.content(job.id, "a complaint").payload["user_query"]
        'I like tea.'
        """
        request = get(path(_JOBS + "/{}/content", job_id), given(reason=reason or None))
        return await self._session.fetch(request, JobContent)

    @operation
    async def cancel(self, job_id: str, reason: str = "") -> AdminJob:
        """Cancel a job of any owner: at once when it waits, else at its next checkpoint.

        >>> job = client.memory.add("I like rain.", user_id="busy")
        >>> operator.admin.jobs.cancel(job.id, "a flood").status
        'cancelled'
        """
        return await self._act("cancel", job_id, reason)

    @operation
    async def pause(self, job_id: str, reason: str = "") -> AdminJob:
        """Pause a job of any owner; later jobs of its lane wait for it.

        >>> job = client.memory.add("I like rain.", user_id="busy")
        >>> operator.admin.jobs.pause(job.id).status
        'paused'
        """
        return await self._act("pause", job_id, reason)

    @operation
    async def resume(self, job_id: str) -> AdminJob:
        """Let a paused job of any owner go on.

        >>> job = client.memory.add("I like rain.", user_id="busy")
        >>> operator.admin.jobs.pause(job.id).status
        'paused'
        >>> operator.admin.jobs.resume(job.id).status
        'pending'
        """
        return await self._act("resume", job_id)

    @operation
    async def retry(self, job_id: str) -> AdminJob:
        """Try again now what waits for its next try, whoever's it is.

        >>> [operator.admin.jobs.retry(job.job_id) for job in operator.admin.jobs.list(
        ...     status=["retrying"])]
        []
        """
        return await self._act("retry", job_id)

    @operation
    async def replay(self, job_id: str) -> AdminJob:
        """Make a new job of its owner's from a dead letter; the new one is answered.

        >>> operator.admin.jobs.replay(dead_job_id).lineage["replay_of"] == dead_job_id
        True
        """
        return await self._act("replay", job_id)

    @operation
    async def cancel_many(
        self, which: AdminJobFilter, reason: str = "", *, dry_run: bool = False
    ) -> ManyDone:
        """Cancel up to 1,000 jobs; or only count them, and name the first.

        >>> which = AdminJobFilter(owner="carl", label=["team:cli"])
        >>> operator.admin.jobs.cancel_many(which, dry_run=True).matched
        0
        """
        return await self._many("cancel", which, reason, dry_run=dry_run)

    @operation
    async def pause_many(
        self, which: AdminJobFilter, reason: str = "", *, dry_run: bool = False
    ) -> ManyDone:
        """Pause up to 1,000 jobs; or only count them.

        >>> operator.admin.jobs.pause_many(AdminJobFilter(owner="carl")).changed
        0
        """
        return await self._many("pause", which, reason, dry_run=dry_run)

    @operation
    async def resume_many(
        self, which: AdminJobFilter, reason: str = "", *, dry_run: bool = False
    ) -> ManyDone:
        """Let up to 1,000 paused jobs go on; or only count them.

        >>> operator.admin.jobs.resume_many(AdminJobFilter(owner="carl")).changed
        0
        """
        return await self._many("resume", which, reason, dry_run=dry_run)

    @operation
    async def retry_many(
        self, which: AdminJobFilter, reason: str = "", *, dry_run: bool = False
    ) -> ManyDone:
        """Try again now up to 1,000 jobs that wait for their next try; or only count them.

        >>> operator.admin.jobs.retry_many(AdminJobFilter(owner="carl")).changed
        0
        """
        return await self._many("retry", which, reason, dry_run=dry_run)

    @operation
    async def replay_many(
        self, which: AdminJobFilter, reason: str = "", *, dry_run: bool = False
    ) -> ManyDone:
        """Make new jobs from up to 1,000 dead letters; or only count them.

        >>> operator.admin.jobs.replay_many(AdminJobFilter(owner="carl")).job_ids
        []
        """
        return await self._many("replay", which, reason, dry_run=dry_run)

    async def _act(self, action: str, job_id: str, reason: str = "") -> AdminJob:
        body = {"reason": reason} if action in {"cancel", "pause"} else None
        url = path(_JOBS + "/{}:" + action, job_id)
        repeatable = action in {"cancel", "pause"}
        request = Request("POST", url, body=body, repeatable=repeatable)
        return await self._session.fetch(request, AdminJob)

    async def _many(
        self, action: str, which: AdminJobFilter, reason: str, *, dry_run: bool
    ) -> ManyDone:
        body = {**given(**vars(which)), "reason": reason, "dry_run": dry_run}
        repeatable = action in {"cancel", "pause"}
        request = Request("POST", f"{_JOBS}:{action}", body=body, repeatable=repeatable)
        return await self._session.fetch(request, ManyDone)


class AdminJobs(AdminJobsCalls, Blocking):
    """The jobs of all owners, for code that blocks."""


class AsyncAdminJobs(AdminJobsCalls, Awaiting):
    """The jobs of all owners, for coroutines."""
