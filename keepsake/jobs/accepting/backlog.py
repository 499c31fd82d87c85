"""How many of an owner's jobs are unfinished."""

from keepsake.jobs.indexes import OF_UNFINISHED
from keepsake.jobs.records import UNENDED, Records
from keepsake.storage.errors import translated


class Backlog:
    """Counts the keys of an index of unfinished jobs; looks at no record."""

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
                {"owner": owner, **UNENDED}, limit=limit, hint=OF_UNFINISHED.name
            )
