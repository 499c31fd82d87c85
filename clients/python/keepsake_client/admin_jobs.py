"""For operators: the jobs of all owners."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from keepsake_client.models.operating import AdminJob, AdminJobDetails, AdminJobPage
from keepsake_client.session import Resource, get, given, path
from keepsake_client.surfaces import Awaiting, Blocking, operation, stream

_JOBS = "/v1/admin/jobs"


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
        label: Sequence[str] | None = None,
        job_id: str | None = None,
        created_after: datetime | str | None = None,
        created_before: datetime | str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[AdminJob]:
        """The jobs of all owners, newest first; all conditions that are given hold.

        worker: the process that runs them, or ran one of their tries. error_type: the `type` of the
        error that they show. label: `name:value` of labels that they have. job_id: how their ids
        begin.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> job.id in [info.job_id for info in operator.admin.jobs.list(owner="ann")]
        True
        """
        params = given(
            owner=owner, status=status, type=type, queue=queue, worker=worker,
            error_type=error_type, label=label, job_id=job_id, created_after=created_after,
            created_before=created_before, page_size=page_size,
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


class AdminJobs(AdminJobsCalls, Blocking):
    """The jobs of all owners, for code that blocks."""


class AsyncAdminJobs(AdminJobsCalls, Awaiting):
    """The jobs of all owners, for coroutines."""
