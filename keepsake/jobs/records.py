"""The collection of jobs and the one way to change a job's state."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Any

from pymongo import ReturnDocument, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from keepsake.jobs.expressions import NOW, REMOVE, after, entered
from keepsake.jobs.indexes import JOBS, VAULT, job_indexes
from keepsake.jobs.job import Claim, Job
from keepsake.jobs.job_types import Priority, Registry
from keepsake.jobs.known import Known
from keepsake.jobs.owner_rules import OwnerRules
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import LEASED, Move, State
from keepsake.storage import Document, Preparation, translated

LEASE_FIELDS = ("running_lane", "claim", "worker", "lease_expires_at", "control")
WAITING_FIELDS = ("notify_at", "in_overflow")
ENDING_FIELDS = ("open_lane", "deadline_at", "burst_exempt")
RUNNING: Document = {"running_lane": {"$exists": True}}
"""Jobs that a worker holds."""
UNENDED: Document = {"deadline_at": {"$type": "date"}}
"""Jobs that have not ended, in the words of the index of these."""


class Records:
    """Jobs in MongoDB. Every change is one compare-and-set."""

    def __init__(
        self,
        database: Database[Document],
        types: Registry,
        settings: JobSettings | None = None,
    ) -> None:
        self.database = database
        self.jobs = database[JOBS]
        self.newest = self.jobs.with_options(read_concern=ReadConcern("local"))
        """The same jobs, with what is not on a majority yet: what claims wrote a moment ago, and
        what an answer that was lost may have left. A claim that is undone the fence refuses."""
        self.unjournaled = self.jobs.with_options(write_concern=WriteConcern(w=1))
        """The same jobs, for claims alone: a crash of the primary may undo one. Nothing is lost
        with it. The job waits as before, and every effect and end of the attempt asks for its claim
        id. It is on disk later than the claim, and so implies it."""
        self.settings = settings or JobSettings()
        self.types = types
        self.known = Known(types)
        self.owner_rules = OwnerRules(database)
        bulk = {"$eq": ["$priority", str(Priority.BULK)]}
        with_overflow = {"$in": ["$queue", sorted(types.overflow)]}
        self.in_overflow: Document = {"$cond": [{"$and": [bulk, with_overflow]}, "$queue", REMOVE]}
        """In which queue's overflow a job is that waits again, as an expression."""
        self.prepare = Preparation(database, job_indexes(types)).once

    def move(
        self,
        move: Move,
        which: Mapping[str, Any],
        changes: Mapping[str, Any],
        session: ClientSession | None = None,
        lock_wait_ms: int | None = None,
    ) -> Job | None:
        """Make a move; None when the job is not where the move may start from.

        which: names the job and, for a fenced move, its claim. changes: expressions of an
        update pipeline, so clients' values are wrapped in literals. lock_wait_ms: how long to wait
        for a transaction that holds the record.

        Raises:
            StorageUnavailable: MongoDB does not answer; the move may have been made.
        """
        options: Document = {"maxTimeMS": lock_wait_ms} if lock_wait_ms else {}
        with nullcontext() if session else translated(move.name):  # a transaction retries itself
            record = self.jobs.find_one_and_update(
                *self.moving(move, which, changes),
                return_document=ReturnDocument.AFTER,
                session=session,
                **options,
            )
            if record and move.ends and "credential" in record:
                self.database[VAULT].delete_one({"_id": record["credential"]}, session=session)
        return Job(record) if record else None

    def moving(
        self, move: Move, which: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> tuple[Document, list[Document]]:
        """The filter and the pipeline of a move, for a command that holds several.

        What it does not do is take the credential of a job that ends out of the vault.
        """
        if move.fenced and "claim" not in which:
            raise ValueError(f"{move.name} needs the fence of its claim")
        waiting = {"in_overflow": self.in_overflow} if move.target is State.PENDING else {}
        changed = {**self._ending(move), **waiting, **changes, **entered(move.target)}
        return (
            {"state": {"$in": sorted(move.sources)}, **which},
            [{"$set": changed}, *_leaving(move)],
        )

    def _ending(self, move: Move) -> Document:
        if not move.ends:
            return {}
        return {
            "ended_at": NOW,
            "expire_at": after(self.kept_seconds(move.target)),
            **self._key_after(move.target),
        }

    def _key_after(self, state: State) -> Document:
        """A derived key outlives success for its window, and is free at once after a bad end."""
        derived = "$idempotency.derived"
        if state is State.SUCCEEDED:
            window = after(self.settings.idempotency_window_seconds)
            return {
                "key_slot_until": {
                    "$cond": [derived, window, {"$ifNull": ["$key_slot_until", REMOVE]}]
                }
            }
        return {"key_slot": {"$cond": [derived, REMOVE, {"$ifNull": ["$key_slot", REMOVE]}]}}

    def kept_seconds(self, state: State) -> int:
        """For how long a job is kept that ended in a state."""
        return {
            State.SUCCEEDED: self.settings.succeeded_kept_seconds,
            State.CANCELLED: self.settings.cancelled_kept_seconds,
        }.get(state, self.settings.dead_letter_kept_seconds)


def scoped(owner: str | None, job_id: str) -> Document:
    """The filter of one job, or of its dead letter; None as the owner stands for all of them."""
    return {"_id": job_id} if owner is None else {"_id": job_id, "owner": owner}


def leased_by(claim: Claim) -> Document:
    """The filter that only the holder of the newest claim matches.

    The claim id makes it so: a claim that a crash of the primary undid had the token of the next.
    """
    return {"_id": claim.job.id, "token": claim.token, "claim": claim.claim_id}


def leased_by_any(claims: Iterable[Claim]) -> Document:
    """The filter that the jobs match of which one of these is the newest claim.

    A claim id is made anew for each claim of each job, so no other job's matches.
    """
    held = list(claims)
    return {
        "_id": {"$in": [claim.job.id for claim in held]},
        "token": {"$in": sorted({claim.token for claim in held})},
        "claim": {"$in": [claim.claim_id for claim in held]},
    }


def _leaving(move: Move) -> list[Document]:
    """The stage that removes the fields of the state that is left.

    The claim that ended a job stays: its worker may ask again, as no answer came.
    """
    gone = set(LEASE_FIELDS if move.target not in LEASED else ())
    if move.target is State.PAUSED or move.ends:
        gone.update(WAITING_FIELDS)
    if move.ends:
        gone.update(ENDING_FIELDS)
    if move.ends and move.fenced:
        gone.remove("claim")
    return [{"$unset": sorted(gone)}] if gone else []
