"""Accepting: requests become jobs; those that arrive together share a durable write."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Protocol

from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError

from keepsake.jobs.drafts import Draft, Drafts, KeySlots
from keepsake.jobs.errors import JobError, KeyReused
from keepsake.jobs.indexes import JOBS, VAULT
from keepsake.jobs.job import Accepted, Job, NewJob
from keepsake.jobs.records import Records
from keepsake.jobs.states import State
from keepsake.storage import (
    DatabaseClock,
    DatabaseTime,
    Document,
    LoopDatabase,
    StorageError,
    StorageUnavailable,
    Unreadable,
    reading,
    restore_seen,
    translated,
)

Outcome = Accepted | Exception
"""What a request for a job came to; an exception concerns this request alone."""
_log = logging.getLogger("keepsake.jobs")
_TRIES = 5
_TOGETHER = 500
_TOGETHER_BYTES = 4_000_000
"""One command must stay under MongoDB's 16 MB."""


class Acceptance:
    """Turns requests into jobs."""

    def __init__(self, records: Records) -> None:
        self._database = records.database
        self._jobs = records.jobs
        self._vault = records.database[VAULT]
        self.prepare = records.prepare
        self._drafts = Drafts(records.types, records.settings, records.owner_rules)
        self._key_slots = KeySlots(records)
        self.clock = DatabaseClock()

    def accept(self, new: NewJob, session: ClientSession | None = None) -> Accepted:
        """Record a job. When this returns, it is on disk on a majority of the database.

        Raises:
            KeyReused: The key stands for another payload.
            KeyMalformed: The key is no key.
            Unstorable: MongoDB cannot hold the payload.
            StorageUnavailable: MongoDB does not answer; it may or may not have been recorded.
        """
        (outcome,) = self.accept_all([new], session)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def accept_all(
        self, news: Sequence[NewJob], session: ClientSession | None = None
    ) -> list[Outcome]:
        """Record several jobs in as few writes as can be, each as if it were alone.

        Raises:
            StorageUnavailable: MongoDB does not answer; any of them may have been recorded.
        """
        self.prepare()
        drafts = self.drafts(news, self.clock.time(self._database))
        settled = self.settle([draft for draft in drafts if isinstance(draft, Draft)], session)
        return _in_order(drafts, settled)

    def drafts(self, news: Sequence[NewJob], time: DatabaseTime) -> list[Draft | JobError]:
        """A draft of each request, or why there can be none."""
        drafts: list[Draft | JobError] = []
        for new in news:
            try:
                drafts.append(self._drafts.draft(new, time))
            except JobError as error:
                drafts.append(error)
        return drafts

    def settle(
        self, drafts: Sequence[Draft], session: ClientSession | None = None
    ) -> dict[str, Outcome]:
        """Record or join each draft, by its id.

        Raises:
            StorageUnavailable: MongoDB does not answer; any of them may have been recorded.
        """
        settled: dict[str, Outcome] = {}
        waiting = list(drafts)
        for _ in range(_TRIES):
            for portion in _portions(waiting):
                settled |= self._insert(portion, session)
            settled |= self.join([draft for draft in waiting if draft.job_id not in settled])
            waiting = [draft for draft in waiting if draft.job_id not in settled]
            if not waiting:
                break
        contended = StorageError("accepting: the idempotency key kept changing hands")
        return settled | {draft.job_id: contended for draft in waiting}

    def join(self, drafts: Sequence[Draft]) -> dict[str, Outcome]:
        """The jobs that hold the keys of drafts; a draft whose key was just freed is left out.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        holders = self._key_slots.holders(
            [draft.key_slot for draft in drafts if draft.key_slot],
            [draft.key_slot for draft in drafts if draft.key_slot and draft.anew],
        )
        joining = {draft.job_id: (draft, holders[draft.key_slot])
                   for draft in drafts if draft.key_slot in holders}  # fmt: skip
        self._forget([draft for draft, _ in joining.values()])
        return {job_id: _joined(*pair) for job_id, pair in joining.items()}

    def _insert(self, drafts: Sequence[Draft], session: ClientSession | None) -> dict[str, Outcome]:
        """Write the drafts whose key is free: one round trip."""
        if session is None and len(drafts) > 1:
            try:
                return self._insert_together(drafts)
            except StorageUnavailable:
                raise
            except StorageError:  # the command could not be read: see because of which
                _log.warning("accepting.one_by_one", extra={"jobs": len(drafts)})
        return {
            draft.job_id: outcome
            for draft in drafts
            if (outcome := self._insert_alone(draft, session)) is not None
        }

    def _insert_alone(self, draft: Draft, session: ClientSession | None) -> Outcome | None:
        """Write one draft; None when another job holds its key."""
        try:
            with nullcontext() if session else translated("accepting"):
                self._jobs.insert_one(draft.encoded, session=session)
        except DuplicateKeyError:
            return None
        except StorageUnavailable:
            raise
        except StorageError as error:
            return error
        return Accepted(draft.job, created=True)

    def _insert_together(self, drafts: Sequence[Draft]) -> dict[str, Outcome]:
        refusals: Refusals = {}
        with translated("accepting"):
            try:
                self._jobs.insert_many([draft.encoded for draft in drafts], ordered=False)
            except BulkWriteError as error:
                refusals = _refused(error)
        return _written(drafts, refusals)

    def _forget(self, joined: Sequence[Draft]) -> None:
        """Drop the credentials of requests that join a job: it has its own, or needs none."""
        unused = [draft.values["credential"] for draft in joined if "credential" in draft.values]
        if unused:
            with translated("forgetting credentials"):
                self._vault.delete_many({"_id": {"$in": unused}})


Refusals = dict[int, int]
"""MongoDB's code for each document that it did not insert, by its position."""
_DUPLICATE = 11_000


def _refused(error: BulkWriteError) -> Refusals:
    """What an insert did not write.

    Raises:
        StorageUnavailable: All the rest may be undone: a majority did not confirm it in time.
    """
    details = error.details or {}
    if details["writeConcernErrors"]:
        raise StorageUnavailable("accepting: MongoDB does not answer") from error
    return {fault["index"]: fault["code"] for fault in details["writeErrors"]}


def _written(drafts: Sequence[Draft], refusals: Refusals) -> dict[str, Outcome]:
    """The outcomes of one insert, without the drafts whose key another job holds."""
    outcomes: dict[str, Outcome] = {}
    for position, draft in enumerate(drafts):
        code = refusals.get(position)
        if code is None:
            outcomes[draft.job_id] = Accepted(draft.job, created=True)
        elif code != _DUPLICATE:
            outcomes[draft.job_id] = StorageError(f"accepting: MongoDB refused ({code})")
    return outcomes


def _in_order(drafts: Sequence[Draft | JobError], settled: Mapping[str, Outcome]) -> list[Outcome]:
    """The outcome of each request."""
    return [
        settled[draft.job_id] if isinstance(draft, Draft) else draft for draft in drafts
    ]  # fmt: skip


def _portions(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Drafts that fit into one command."""
    portion: list[Draft] = []
    size_bytes = 0
    for draft in drafts:
        size_bytes += draft.size_bytes
        if portion and (len(portion) == _TOGETHER or size_bytes > _TOGETHER_BYTES):
            yield portion
            portion, size_bytes = [], draft.size_bytes
        portion.append(draft)
    if portion:
        yield portion


def _joined(draft: Draft, holder: Document) -> Outcome:
    try:
        with reading(holder["_id"]):
            same = holder["idempotency"]["fingerprint"] == draft.fingerprint
    except Unreadable as error:
        return error
    return Accepted(Job(holder), created=False) if same else KeyReused(holder["_id"])


class NotifySoon(Protocol):
    """Publishes the notification of a new job; does not wait for the broker."""

    def __call__(self, job: Job, *, notify_next: bool, overflow: bool, early: bool) -> None:
        """Publish it. overflow: to the overflow queue. early: it may overtake the record."""


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
        notification is being published, perhaps since before. What RabbitMQ does not confirm, and
        what found no record in time, is left to the relay.

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
        """Write them all. Notifications leave as the write begins, or before the answers."""
        if not self._prepared or restore_seen():
            await asyncio.get_running_loop().run_in_executor(self._thread, self._acceptance.prepare)
            self._prepared = True
        time = await self._acceptance.clock.time_on_loop(self._database)
        drafts = self._acceptance.drafts(news, time)
        asked = [draft for draft in drafts if isinstance(draft, Draft)]
        for job in filter(_may_be_overtaken, (draft.job for draft in asked)):
            self._notify(job, notify_next=False, overflow=False, early=True)
        settled: dict[str, Outcome] = {}
        for portion in _portions(asked):
            settled |= await self._insert(portion)
        outcomes = _in_order(drafts, settled)
        new = [each.job for each in outcomes if isinstance(each, Accepted) and each.waits]
        later = [job for job in new if not _may_be_overtaken(job)]
        for job in sorted(later, key=lambda job: job.in_overflow):
            self._notify(job, notify_next=False, overflow=job.in_overflow, early=False)
        return outcomes

    async def _insert(self, drafts: Sequence[Draft]) -> dict[str, Outcome]:
        loop, refusals = asyncio.get_running_loop(), Refusals()
        try:
            with translated("accepting"):
                try:
                    documents = [draft.encoded for draft in drafts]
                    await self._jobs.insert_many(documents, ordered=False)
                except BulkWriteError as error:
                    refusals = _refused(error)
        except StorageUnavailable:
            raise
        except StorageError:  # the command could not be read: see because of which
            return await loop.run_in_executor(self._thread, self._acceptance.settle, drafts)
        outcomes = _written(drafts, refusals)
        if left := [draft for draft in drafts if draft.job_id not in outcomes]:
            outcomes |= await loop.run_in_executor(self._thread, self._joined, left)
        return outcomes

    def _joined(self, drafts: Sequence[Draft]) -> dict[str, Outcome]:
        outcomes = self._acceptance.join(drafts)
        freed = [draft for draft in drafts if draft.job_id not in outcomes]
        return outcomes | self._acceptance.settle(freed)


def _may_be_overtaken(job: Job) -> bool:
    """Whether its notification alone leads to it; else a claim looks for a job that is there."""
    return job.state is State.PENDING and not job.multi_lane and not job.in_overflow


def _settle(accepted: asyncio.Future[Accepted], outcome: Outcome) -> None:
    if accepted.done():  # its client has gone
        return
    if isinstance(outcome, Exception):
        accepted.set_exception(outcome)
    else:
        accepted.set_result(outcome)
