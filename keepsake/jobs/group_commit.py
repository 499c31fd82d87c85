"""Group commit: on the event loop, jobs that arrive together share a durable write."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from pymongo.errors import BulkWriteError

from keepsake.jobs.acceptance import (
    Acceptance,
    Outcome,
    Refusals,
    in_order,
    portions,
    refused,
    written,
)
from keepsake.jobs.drafts import Draft
from keepsake.jobs.indexes import JOBS
from keepsake.jobs.job import Accepted, Job, NewJob
from keepsake.storage import LoopDatabase, StorageError, StorageUnavailable, translated


class NotifySoon(Protocol):
    """Publishes the notification of a new job; does not wait for the broker."""

    def __call__(self, job: Job, *, notify_next: bool, overflow: bool) -> None:
        """Publish it, to the overflow queue if `overflow` is set."""


class GroupCommit:
    """Records jobs and publishes their notifications.

    A lone job is written at once, in one round trip. There is at most one write in flight. The
    busier the database, the more jobs share the next write. What an insert refuses goes the general
    way, in a thread: its key is held, or it cannot be stored.
    """

    def __init__(self, acceptance: Acceptance, database: LoopDatabase, notify: NotifySoon) -> None:
        self._acceptance = acceptance
        self._database = database
        self._jobs = database[JOBS]
        self._notify = notify
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="accepting")
        self._waiting: list[tuple[NewJob, asyncio.Future[Accepted]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._prepared = False

    async def accept(self, new: NewJob) -> Accepted:
        """Record a job and notify the workers.

        When this returns, the job is on disk on a majority of the database's members, and its
        notification is being published. If RabbitMQ does not confirm it, the relay publishes later.

        Raises:
            JobError: The idempotency key does not fit.
            StorageUnavailable: MongoDB does not answer; the job may or may not be recorded.
        """
        accepted: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append((new, accepted))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await accepted

    async def close(self) -> None:
        """Wait for the write that is in flight, and hang up."""
        if self._writing is not None:
            await self._writing
        self._thread.shutdown()
        await self._database.client.close()

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._write_together(batch)
        finally:
            self._writing = None

    async def _write_together(self, batch: list[tuple[NewJob, asyncio.Future[Accepted]]]) -> None:
        outcomes: list[Outcome]
        try:
            outcomes = await self._record([new for new, _ in batch])
        except Exception as error:  # noqa: BLE001 - each caller's; later ones must not hang
            outcomes = [error] * len(batch)
        for (_, accepted), outcome in zip(batch, outcomes, strict=True):
            _settle(accepted, outcome)

    async def _record(self, news: Sequence[NewJob]) -> list[Outcome]:
        """Write them all and notify for the new ones, last for those of the overflow queue.

        What is published here leaves before any of the answers.
        """
        if not self._prepared:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._acceptance.prepare)
            self._prepared = True
        time = await self._acceptance.clock.time_on_loop(self._database)
        drafts = self._acceptance.drafts(news, time)
        settled: dict[str, Outcome] = {}
        for portion in portions([draft for draft in drafts if isinstance(draft, Draft)]):
            settled |= await self._insert(portion)
        outcomes = in_order(drafts, settled)
        for new, outcome in sorted(
            zip(news, outcomes, strict=True), key=lambda pair: pair[0].in_overflow
        ):
            if isinstance(outcome, Accepted) and outcome.created:
                self._notify(outcome.job, notify_next=False, overflow=new.in_overflow)
        return outcomes

    async def _insert(self, drafts: Sequence[Draft]) -> dict[str, Outcome]:
        loop, refusals = asyncio.get_running_loop(), Refusals()
        try:
            with translated("accepting"):
                try:
                    documents = [draft.encoded for draft in drafts]
                    await self._jobs.insert_many(documents, ordered=False)
                except BulkWriteError as error:
                    refusals = refused(error)
        except StorageUnavailable:
            raise
        except StorageError:  # the command could not be read: see because of which
            return await loop.run_in_executor(self._thread, self._acceptance.settle, drafts)
        outcomes = written(drafts, refusals)
        if left := [draft for draft in drafts if draft.job_id not in outcomes]:
            outcomes |= await loop.run_in_executor(self._thread, self._joined, left)
        return outcomes

    def _joined(self, drafts: Sequence[Draft]) -> dict[str, Outcome]:
        outcomes = self._acceptance.join(drafts)
        freed = [draft for draft in drafts if draft.job_id not in outcomes]
        return outcomes | self._acceptance.settle(freed)


def _settle(accepted: asyncio.Future[Accepted], outcome: Outcome) -> None:
    if accepted.done():  # its client has gone
        return
    if isinstance(outcome, Exception):
        accepted.set_exception(outcome)
    else:
        accepted.set_result(outcome)
