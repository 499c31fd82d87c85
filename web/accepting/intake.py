"""The way of every new job: is there room, the record, the notifier."""

from collections.abc import Callable
from dataclasses import replace

from fastapi.concurrency import run_in_threadpool

from keepsake.access.keys import Principal
from keepsake.jobs.accepting.acceptance import Acceptance
from keepsake.jobs.accepting.group_commit import GroupCommit
from keepsake.jobs.job import Accepted, NewJob
from middleware.notifier import Notifier
from web.edge.limits import BacklogLimit


class Intake:
    """Accepts jobs for this process."""

    def __init__(self, acceptance: Acceptance, notifier: Notifier, limit: BacklogLimit) -> None:
        self._commit = GroupCommit(acceptance, notifier.notify_soon)
        self._limit = limit

    async def accept(
        self, caller: Principal, new: NewJob | Callable[[], NewJob], trace: str
    ) -> Accepted:
        """Record a job and ring for it. A callable is called off the event loop.

        When this returns, the job is on disk on a majority of the database's members, and the
        notifier is being rung. If RabbitMQ does not confirm, the relay rings later.

        Raises:
            JobError: The idempotency key does not fit.
            Problem: 429, when too many of the owner's jobs are unfinished.
            StorageUnavailable: MongoDB does not answer; the job may or may not be accepted.
        """
        in_overflow = await self._limit.require_room(caller)
        made = await run_in_threadpool(new) if callable(new) else new
        return await self._commit.accept(replace(made, trace=trace, in_overflow=in_overflow))

    def close(self) -> None:
        """Wait for the write that is in flight."""
        self._commit.close()
