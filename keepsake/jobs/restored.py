"""Jobs after a restore: what they say of time and revisions is made to fit what has gone on."""

from datetime import timedelta

from pymongo.database import Database

from keepsake.jobs.expressions import NOW
from keepsake.jobs.indexes import JOBS, VAULT
from keepsake.jobs.records import RUNNING, UNENDED
from keepsake.storage import Document, new_id, translated

_REVISIONS = 1_000_000
"""More than any job had between its backup and the end of the database that was lost."""


def resume_restored(database: Database[Document], away: timedelta) -> None:
    """Let restored jobs go on as if the time since their backup had not passed.

    Revisions go on behind all that clients may have been told: to them they are ids of events, and
    ETags. Deadlines of unfinished jobs, and what credentials live, are longer by the time in which
    nobody could run them. Claims are nobody's any more: a worker that lived on has done what is not
    there, and must not go on from it. So what was running is taken back, with no crash to its name.

    Raises:
        StorageUnavailable: MongoDB does not answer.
    """
    away_ms = max(int(away.total_seconds() * 1000), 0)
    jobs = database[JOBS]
    with translated("resuming restored jobs"):
        jobs.update_many({"revision": {"$type": "number"}}, {"$inc": {"revision": _REVISIONS}})
        jobs.update_many(RUNNING, [{"$set": {
            "token": {"$add": ["$token", 1]}, "claim": new_id("restored"),
            "lease_expires_at": NOW, "crashes_in_a_row": 0,
        }}])  # fmt: skip
        jobs.update_many(UNENDED, [{"$set": {"deadline_at": {"$add": ["$deadline_at", away_ms]}}}])
        database[VAULT].update_many(
            {"expire_at": {"$type": "date"}},
            [{"$set": {"expire_at": {"$add": ["$expire_at", away_ms]}}}],
        )
