"""Jobs after a restore: what they say of time and revisions is made to fit what has gone on."""

from datetime import timedelta

from pymongo.database import Database

from keepsake.jobs.indexes import JOBS, VAULT
from keepsake.jobs.records import UNENDED
from keepsake.storage import Document, translated

_REVISIONS = 1_000_000
"""More than any job had between its backup and the end of the database that was lost."""


def resume_restored(database: Database[Document], away: timedelta) -> None:
    """Let restored jobs go on as if the time since their backup had not passed.

    Revisions go on behind all that clients may have been told: to them they are ids of events, and
    ETags. Deadlines of unfinished jobs, and what credentials live, are longer by the time in which
    nobody could run them. Leases are over, so that what was running is taken back.

    Raises:
        StorageUnavailable: MongoDB does not answer.
    """
    away_ms = max(int(away.total_seconds() * 1000), 0)
    jobs = database[JOBS]
    with translated("resuming restored jobs"):
        jobs.update_many({"revision": {"$type": "number"}}, {"$inc": {"revision": _REVISIONS}})
        jobs.update_many(UNENDED, [{"$set": {"deadline_at": {"$add": ["$deadline_at", away_ms]}}}])
        database[VAULT].update_many(
            {"expire_at": {"$type": "date"}},
            [{"$set": {"expire_at": {"$add": ["$expire_at", away_ms]}}}],
        )
