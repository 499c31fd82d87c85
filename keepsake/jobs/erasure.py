"""Erasing ended jobs: record, payload, credential and dead letter; one, or all about a user."""

from keepsake.jobs.control import Control
from keepsake.jobs.errors import IllegalMove
from keepsake.jobs.indexes import DEAD_LETTERS, JOBS, OF_UNFINISHED, VAULT
from keepsake.jobs.records import UNENDED, Records
from keepsake.jobs.states import ENDED
from keepsake.storage import Document, translated


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
            raise IllegalMove("be erased", job)
        database = self._records.database
        with translated("erasing a job"):
            database[DEAD_LETTERS].delete_one({"_id": job_id, "owner": owner})
            if credential := job.get("credential"):
                database[VAULT].delete_one({"_id": credential})
            self._records.jobs.delete_one(
                {"_id": job_id, "owner": owner, "state": {"$in": sorted(ENDED)}}
            )

    def unfinished_about(self, owner: str, user_id: str, limit: int) -> list[str]:
        """The ids of jobs about one of the owner's users that may still write."""
        self._records.prepare()
        which = {**self._about(owner, user_id), **UNENDED}
        with translated("looking for jobs"):
            records = self._records.jobs.find(which, {"_id": 1}).hint(OF_UNFINISHED.name)
            return [job["_id"] for job in records.limit(limit)]

    def count_about(self, owner: str, user_id: str) -> dict[str, int]:
        """How many jobs and dead letters hold what one of the owner's users said."""
        database = self._records.database
        with translated("counting jobs"):
            return {
                name: database[name].count_documents(self._about(owner, user_id))
                for name in (JOBS, DEAD_LETTERS)
            }

    def erase_about(self, owner: str, user_id: str) -> dict[str, int]:
        """Erase the ended jobs about one of the owner's users; how many there were is returned."""
        before = self.count_about(owner, user_id)
        ended = {**self._about(owner, user_id), "state": {"$in": sorted(ENDED)}}
        with translated("erasing jobs"):
            self._records.database[DEAD_LETTERS].delete_many(self._about(owner, user_id))
            self._records.jobs.delete_many(ended)
        return before

    def _about(self, owner: str, user_id: str) -> Document:
        """The jobs whose payload names a user, where their types say that one may stand."""
        fields = self._records.types.subjects
        return {"owner": owner, "$or": [{f"payload.{field}": user_id} for field in fields]}
