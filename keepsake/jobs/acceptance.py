"""Accepting: requests become jobs; those that arrive together share a durable write."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from typing import Protocol

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from keepsake.jobs.drafts import Draft, KeySlots, drafted, times
from keepsake.jobs.errors import JobError, KeyReused
from keepsake.jobs.indexes import JOBS, VAULT
from keepsake.jobs.job import Accepted, Job, NewJob
from keepsake.jobs.records import Records
from keepsake.storage import (
    Document,
    StorageError,
    StorageUnavailable,
    Unreadable,
    reading,
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
        self._prepare = records.prepare
        self._types = records.types
        self._key_slots = KeySlots(records)
        self._times = times(
            records.settings.notify_again_after_seconds, records.settings.idempotency_window_seconds
        )

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
        self._prepare()
        outcomes: dict[int, Outcome] = {}
        waiting: dict[int, Draft] = {}
        for position, new in enumerate(news):
            try:
                waiting[position] = drafted(new, self._types)
            except JobError as error:
                outcomes[position] = error
        for _ in range(_TRIES):
            settled = self._settle(list(waiting.values()), session)
            for position, draft in list(waiting.items()):
                if draft.job_id in settled:
                    outcomes[position] = settled[draft.job_id]
                    del waiting[position]
            if not waiting:
                break
        contended = StorageError("accepting: the idempotency key kept changing hands")
        return [outcomes.get(position, contended) for position in range(len(news))]

    def _settle(self, drafts: Sequence[Draft], session: ClientSession | None) -> dict[str, Outcome]:
        """Record or join each draft, by its id; those whose key was just freed are left out."""
        settled: dict[str, Outcome] = {}
        for portion in _portions(drafts):
            settled |= self._insert(portion, session)
        refused = [draft for draft in drafts if draft.job_id not in settled]
        holders = self._key_slots.holders(
            [draft.key_slot for draft in refused if draft.key_slot],
            [draft.key_slot for draft in refused if draft.key_slot and draft.anew],
        )
        joining = {draft.job_id: (draft, holders[draft.key_slot])
                   for draft in refused if draft.key_slot in holders}  # fmt: skip
        self._forget([draft for draft, _ in joining.values()])
        return settled | {job_id: _joined(*pair) for job_id, pair in joining.items()}

    def _insert(self, drafts: Sequence[Draft], session: ClientSession | None) -> dict[str, Outcome]:
        """Write the drafts whose key is free."""
        if session is None and len(drafts) > 1:
            try:
                return self._insert_together(drafts)
            except StorageUnavailable:
                raise
            except StorageError:  # one of them cannot be stored: see which
                _log.warning("accepting.one_by_one", extra={"jobs": len(drafts)})
        return {
            draft.job_id: outcome
            for draft in drafts
            if (outcome := self._insert_alone(draft, session)) is not None
        }

    def _insert_alone(self, draft: Draft, session: ClientSession | None) -> Outcome | None:
        """Write one draft in one round trip; None when another job holds its key."""
        try:
            with nullcontext() if session else translated("accepting"):
                record = self._jobs.find_one_and_update(
                    {"_id": draft.job_id},
                    [{"$replaceWith": {"$literal": draft.encoded}}, {"$set": self._times}],
                    upsert=True,
                    projection={"payload": 0},
                    session=session,
                    return_document=ReturnDocument.AFTER,
                )
        except DuplicateKeyError:
            return None
        except StorageUnavailable:
            raise
        except StorageError as error:
            return error
        return Accepted(Job(record or {}), created=True)

    def _insert_together(self, drafts: Sequence[Draft]) -> dict[str, Outcome]:
        """Write any number of drafts in two round trips.

        `$merge` inserts them as one unordered batch; an upsert each, in one bulk write, costs
        MongoDB three times as much.
        """
        documents = {"$documents": {"$literal": [draft.encoded for draft in drafts]}}
        insert = {"into": JOBS, "on": "_id", "whenMatched": "fail", "whenNotMatched": "insert"}
        clocks = {"created_at": 1, "updated_at": 1, "run_at": 1, "deadline_at": 1}
        with translated("accepting"):
            with suppress(DuplicateKeyError):  # some keys are held; all others are written
                self._database.aggregate([documents, {"$set": self._times}, {"$merge": insert}])
            ids = {"_id": {"$in": [draft.job_id for draft in drafts]}}
            written = {doc["_id"]: doc for doc in self._jobs.find(ids, clocks)}
        return {
            draft.job_id: Accepted(_as_written(draft, written[draft.job_id]), created=True)
            for draft in drafts
            if draft.job_id in written
        }

    def _forget(self, joined: Sequence[Draft]) -> None:
        """Drop the credentials of requests that join a job: it has its own, or needs none."""
        unused = [draft.values["credential"] for draft in joined if "credential" in draft.values]
        if unused:
            with translated("forgetting credentials"):
                self._vault.delete_many({"_id": {"$in": unused}})


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


def _as_written(draft: Draft, clocks: Document) -> Job:
    """The job as it was when it was accepted, but for its place in its lane and its payload."""
    values = {name: value for name, value in draft.values.items() if name != "payload"}
    return Job({**values, **clocks})


def _joined(draft: Draft, holder: Document) -> Outcome:
    try:
        with reading(holder["_id"]):
            same = holder["idempotency"]["fingerprint"] == draft.fingerprint
    except Unreadable as error:
        return error
    return Accepted(Job(holder), created=False) if same else KeyReused(holder["_id"])


class NotifySoon(Protocol):
    """Publishes the notification of a new job; does not wait for the broker."""

    def __call__(self, job: Job, *, notify_next: bool, overflow: bool) -> None:
        """Publish it, to the overflow queue if `overflow` is set."""


class GroupCommit:
    """Records jobs and publishes their notifications.

    A lone job is written at once, in one round trip. There is at most one write in flight, in a
    thread of its own. The busier the database, the more jobs share the next write. That thread
    publishes as well: the event loop reaches a job only after it has answered all others that
    were written with it.
    """

    def __init__(self, acceptance: Acceptance, notify: NotifySoon) -> None:
        self._acceptance = acceptance
        self._notify = notify
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="accepting")
        self._waiting: list[tuple[NewJob, asyncio.Future[Accepted]]] = []
        self._writing: asyncio.Task[None] | None = None

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

    def close(self) -> None:
        """Wait for the write that is in flight."""
        self._thread.shutdown()

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._write_together(batch)
        finally:
            self._writing = None

    async def _write_together(self, batch: list[tuple[NewJob, asyncio.Future[Accepted]]]) -> None:
        news = [new for new, _ in batch]
        outcomes: list[Outcome]
        try:
            loop = asyncio.get_running_loop()
            outcomes = await loop.run_in_executor(self._thread, self._record, news)
        except Exception as error:  # noqa: BLE001 - each caller's; later ones must not hang
            outcomes = [error] * len(batch)
        for (_, accepted), outcome in zip(batch, outcomes, strict=True):
            _settle(accepted, outcome)

    def _record(self, news: Sequence[NewJob]) -> list[Outcome]:
        """Write them all and notify for the new ones, last for those of the overflow queue."""
        outcomes = self._acceptance.accept_all(news)
        recorded = zip(news, outcomes, strict=True)
        for new, outcome in sorted(recorded, key=lambda pair: pair[0].in_overflow):
            if isinstance(outcome, Accepted) and outcome.created:
                self._notify(outcome.job, notify_next=False, overflow=new.in_overflow)
        return outcomes


def _settle(accepted: asyncio.Future[Accepted], outcome: Outcome) -> None:
    if accepted.done():  # its client has gone
        return
    if isinstance(outcome, Exception):
        accepted.set_exception(outcome)
    else:
        accepted.set_result(outcome)
