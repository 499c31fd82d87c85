"""Accepting: requests become jobs, or are answered by the jobs that hold their keys."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext

from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError

from keepsake.jobs.drafts import Draft, Drafts, KeySlots
from keepsake.jobs.errors import JobError, KeyReused
from keepsake.jobs.indexes import VAULT
from keepsake.jobs.job import Accepted, Job, NewJob
from keepsake.jobs.records import Records
from keepsake.storage import (
    DatabaseClock,
    DatabaseTime,
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
        self.prepare = records.prepare
        self._drafts = Drafts(records.types, records.settings)
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
        return in_order(drafts, settled)

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
            for portion in portions(waiting):
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
                refusals = refused(error)
        return written(drafts, refusals)

    def _forget(self, joined: Sequence[Draft]) -> None:
        """Drop the credentials of requests that join a job: it has its own, or needs none."""
        unused = [draft.values["credential"] for draft in joined if "credential" in draft.values]
        if unused:
            with translated("forgetting credentials"):
                self._vault.delete_many({"_id": {"$in": unused}})


Refusals = dict[int, int]
"""MongoDB's code for each document that it did not insert, by its position."""
_DUPLICATE = 11_000


def refused(error: BulkWriteError) -> Refusals:
    """What an insert did not write.

    Raises:
        StorageUnavailable: All the rest may be undone: a majority did not confirm it in time.
    """
    details = error.details or {}
    if details["writeConcernErrors"]:
        raise StorageUnavailable("accepting: MongoDB does not answer") from error
    return {fault["index"]: fault["code"] for fault in details["writeErrors"]}


def written(drafts: Sequence[Draft], refusals: Refusals) -> dict[str, Outcome]:
    """The outcomes of one insert, without the drafts whose key another job holds."""
    outcomes: dict[str, Outcome] = {}
    for position, draft in enumerate(drafts):
        code = refusals.get(position)
        if code is None:
            outcomes[draft.job_id] = Accepted(draft.job, created=True)
        elif code != _DUPLICATE:
            outcomes[draft.job_id] = StorageError(f"accepting: MongoDB refused ({code})")
    return outcomes


def in_order(drafts: Sequence[Draft | JobError], settled: Mapping[str, Outcome]) -> list[Outcome]:
    """The outcome of each request."""
    return [
        settled[draft.job_id] if isinstance(draft, Draft) else draft for draft in drafts
    ]  # fmt: skip


def portions(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
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
