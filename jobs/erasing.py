"""Erasing an ended job: record, payload, credential and dead letter."""

from jobs.control import Control
from jobs.errors import IllegalMove
from jobs.indexes import DEAD_LETTERS, VAULT
from jobs.records import Records
from jobs.states import ENDED
from storage.errors import translated


class Erasing:
    """Scoped by the owner. What the job has done stays; its idempotency key is free again."""

    def __init__(self, records: Records, control: Control) -> None:
        self._records = records
        self._control = control

    def erase(self, owner: str, job_id: str) -> None:
        """Erase a job that has ended; the dead letter goes first, so a repeat finishes the work.

        Raises:
            JobNotFound: Unknown, or another owner's.
            IllegalMove: It has not ended.
        """
        job = self._control.get(owner, job_id)
        if job.state not in ENDED:
            raise IllegalMove("be erased", job.state)
        database = self._records.database
        with translated("erasing a job"):
            database[DEAD_LETTERS].delete_one({"_id": job_id, "owner": owner})
            if credential := job.get("credential"):
                database[VAULT].delete_one({"_id": credential})
            self._records.jobs.delete_one(
                {"_id": job_id, "owner": owner, "state": {"$in": sorted(ENDED)}}
            )
