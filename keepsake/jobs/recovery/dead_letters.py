"""Giving up: the job ends and its dead letter is written in one transaction."""

from typing import Any

from keepsake.jobs.expressions import closed_attempt, dated
from keepsake.jobs.indexes import DEAD_LETTERS
from keepsake.jobs.job import Claim, Job
from keepsake.jobs.known import SCHEMA
from keepsake.jobs.records import Records, leased_by
from keepsake.jobs.states import GIVE_UP, Move
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document

_COPIED = (
    *("type", "owner", "queue", "lane", "further_lanes", "labels", "payload", "lineage", "limits"),
    *("idempotency", "credential", "checkpoint", "attempts", "failures", "crashes", "error"),
    *("created_at", "started_at", "ended_at"),
)


class DeadLetters:
    """What is kept of jobs that were given up. The payload holds references, never secrets."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._settings = records.settings
        self._letters = records.database[DEAD_LETTERS]

    def give_up(self, claim: Claim, error: Document) -> Job | None:
        """End a running job for good; None when the claim is stale."""
        changes = {
            "failures": {"$add": ["$failures", 1]},
            "attempts": closed_attempt("failed", error, self._settings.attempts_kept),
        }
        return self.bury(GIVE_UP, leased_by(claim), error, changes)

    def bury(self, move: Move, which: Document, error: Document, changes: Document) -> Job | None:
        """Make a move into `dead_letter`; both documents change, or neither.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """

        def both(session: Any) -> Job | None:
            moved = self._records.move(
                move, which, {"error": dated(error), **changes}, session=session
            )
            if moved is not None:
                self._letters.insert_one(self._letter(moved), session=session)
            return moved

        with translated(move.name), self._records.database.client.start_session() as session:
            return session.with_transaction(both)

    def _letter(self, job: Job) -> Document:
        copied = {name: job.record[name] for name in _COPIED if name in job.record}
        return {
            "_id": job.id,
            "schema": SCHEMA,
            **copied,
            "status": "open",
            "died_at": job.record["ended_at"],
            "expire_at": job.record["expire_at"],
        }
