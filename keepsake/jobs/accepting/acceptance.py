"""Accepting jobs: one durable write for all that come together, or the jobs that keys stand for."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from keepsake.jobs.accepting.drafts import Draft, draft, times
from keepsake.jobs.errors import JobError, KeyReused
from keepsake.jobs.expressions import past
from keepsake.jobs.indexes import JOBS, VAULT
from keepsake.jobs.job import Accepted, Job, NewJob
from keepsake.jobs.records import Records
from keepsake.jobs.states import ENDED
from keepsake.storage.errors import StorageError, StorageUnavailable, Unreadable, translated
from keepsake.storage.mongo import Document
from keepsake.storage.reading import reading

Outcome = Accepted | Exception
"""What a request for a job came to; an exception concerns this request alone."""
_log = logging.getLogger("keepsake.jobs")
_TRIES = 5
_TOGETHER = 500
_TOGETHER_BYTES = 4_000_000
"""One command must stay under MongoDB's 16 MB."""


class Acceptance:
    """FairScheduler requests into jobs."""

    def __init__(self, records: Records) -> None:
        self._database = records.database
        self._jobs = records.jobs
        self._vault = records.database[VAULT]
        self._prepare = records.prepare
        self._policies = records.policies
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
                waiting[position] = draft(new, self._policies)
            except JobError as error:
                outcomes[position] = error
        for _ in range(_TRIES):
            settled = self._settle(list(waiting.values()), session)
            for position, one in list(waiting.items()):
                if one.job_id in settled:
                    outcomes[position] = settled[one.job_id]
                    del waiting[position]
            if not waiting:
                break
        contended = StorageError("accepting: the idempotency key kept changing hands")
        return [outcomes.get(position, contended) for position in range(len(news))]

    def release(self, owner: str, job_id: str) -> None:
        """Let the same payload be a new job again: what the ended job did is no longer there.

        A key that the client gave stays its job's.
        """
        which = {"_id": job_id, "owner": owner, "state": {"$in": sorted(ENDED)},
                 "idempotency.derived": True}  # fmt: skip
        with translated("releasing a key"):
            self._jobs.update_one(which, {"$unset": {"key_slot": "", "key_slot_until": ""}})

    def _settle(self, drafts: Sequence[Draft], session: ClientSession | None) -> dict[str, Outcome]:
        """Record or join each draft, by its id; those whose key was just freed are left out."""
        settled: dict[str, Outcome] = {}
        for portion in _portions(drafts):
            settled |= self._insert(portion, session)
        refused = [one for one in drafts if one.job_id not in settled]
        holders = self._holders([one for one in refused if one.key_slot])
        self._forget([one for one in refused if one.key_slot in holders])
        return settled | {
            one.job_id: _joined(one, holders[one.key_slot])
            for one in refused
            if one.key_slot in holders
        }

    def _insert(self, drafts: Sequence[Draft], session: ClientSession | None) -> dict[str, Outcome]:
        """Write the drafts whose key is free."""
        if session is None and len(drafts) > 1:
            try:
                return self._insert_together(drafts)
            except StorageUnavailable:
                raise
            except StorageError:  # one of them cannot be stored: find out which
                _log.warning("accepting.one_by_one", extra={"jobs": len(drafts)})
        return {
            one.job_id: outcome
            for one in drafts
            if (outcome := self._insert_alone(one, session)) is not None
        }

    def _insert_alone(self, one: Draft, session: ClientSession | None) -> Outcome | None:
        """Write one draft in one round trip; None when another job slots its key."""
        try:
            with nullcontext() if session else translated("accepting"):
                found = self._jobs.find_one_and_update(
                    {"_id": one.job_id},
                    [{"$replaceWith": {"$literal": one.encoded}}, {"$set": self._times}],
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
        return Accepted(Job(found or {}), created=True)

    def _insert_together(self, drafts: Sequence[Draft]) -> dict[str, Outcome]:
        """Write any number of drafts in two round trips.

        `$merge` inserts them as one unordered batch; an upsert each, in one bulk write, costs
        MongoDB three times as much.
        """
        documents = {"$documents": {"$literal": [one.encoded for one in drafts]}}
        insert = {"into": JOBS, "on": "_id", "whenMatched": "fail", "whenNotMatched": "insert"}
        clocks = {"created_at": 1, "updated_at": 1, "run_at": 1, "deadline_at": 1}
        with translated("accepting"):
            with suppress(DuplicateKeyError):  # some keys are held; all others are written
                self._database.aggregate([documents, {"$set": self._times}, {"$merge": insert}])
            ids = {"_id": {"$in": [one.job_id for one in drafts]}}
            found = {doc["_id"]: doc for doc in self._jobs.find(ids, clocks)}
        return {
            one.job_id: Accepted(_as_written(one, found[one.job_id]), created=True)
            for one in drafts
            if one.job_id in found
        }

    def _forget(self, joined: Sequence[Draft]) -> None:
        """Drop the credentials of requests that join a job: it has its own, or needs none."""
        unused = [one.values["credential"] for one in joined if "credential" in one.values]
        if unused:
            with translated("forgetting credentials"):
                self._vault.delete_many({"_id": {"$in": unused}})

    def _holders(self, refused: Sequence[Draft]) -> dict[str | None, Document]:
        """The jobs that hold keys; none for a key that is freed.

        It is when its window is over, or when the job has ended and is not to answer for another.
        """
        if not refused:
            return {}
        slots = [one.key_slot for one in refused]
        anew = [one.key_slot for one in refused if one.anew]
        dated = {"$eq": [{"$type": "$key_slot_until"}, "date"]}
        held = {
            "key_slot": {"$in": list(slots), "$type": "string"}
        }  # the type lets the index serve it
        left = {"$and": [{"$in": ["$key_slot", anew]}, {"$in": ["$state", sorted(ENDED)]}]}
        stages: list[Document] = [
            {"$match": held},
            {"$set": {"over": {"$or": [{"$and": [dated, past("key_slot_until")]}, left]}}},
            {"$unset": ["payload", "checkpoint"]},
        ]
        with translated("accepting"):
            found = list(self._jobs.aggregate(stages))
            if over := [job["_id"] for job in found if job["over"]]:
                self._jobs.update_many(
                    {"_id": {"$in": over}, **held,
                     "$expr": {"$or": [{"$and": [dated, past("key_slot_until")]}, left]}},
                    {"$unset": {"key_slot": ""}},
                )  # fmt: skip
        return {job["key_slot"]: job for job in found if not job["over"]}


def _portions(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Drafts that fit into one command."""
    portion: list[Draft] = []
    size_bytes = 0
    for one in drafts:
        size_bytes += one.size_bytes
        if portion and (len(portion) == _TOGETHER or size_bytes > _TOGETHER_BYTES):
            yield portion
            portion, size_bytes = [], one.size_bytes
        portion.append(one)
    if portion:
        yield portion


def _as_written(one: Draft, clocks: Document) -> Job:
    """The job as it was when it was accepted, but for its place in its lane and its payload."""
    values = {name: value for name, value in one.values.items() if name != "payload"}
    return Job({**values, **clocks})


def _joined(one: Draft, holder: Document) -> Outcome:
    try:
        with reading(holder["_id"]):
            same = holder["idempotency"]["fingerprint"] == one.fingerprint
    except Unreadable as error:
        return error
    return Accepted(Job(holder), created=False) if same else KeyReused(holder["_id"])
