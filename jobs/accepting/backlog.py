"""How many of an owner's jobs are unfinished."""

from jobs.records import Records
from storage.errors import translated


class Backlog:
    """Counts along an index of unfinished jobs only."""

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs
        self._prepare = records.prepare

    def unfinished(self, owner: str, limit: int) -> int:
        """How many, counting no further than `limit`.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        with translated("counting unfinished jobs"):
            return self._jobs.count_documents(
                {"owner": owner, "open_lane": {"$exists": True}}, limit=limit, hint="backlog"
            )
