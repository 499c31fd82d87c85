"""The expressions of a claim: whether a job may be taken, and what taking it changes."""

from typing import Any

from jobs.expressions import NOW, after, bumped, opened_attempt, trailed
from jobs.settings import JobSettings
from jobs.states import CLAIM, HELD, State
from storage.mongo import Document, literal

DUE_AT: Document = {"$cond": [{"$eq": ["$state", State.RETRYING]}, "$run_at", NOW]}
"""When a waiting job may run: a retry at its time, what is pending now, whatever its times say."""
DUE: Document = {"$and": [{"$in": ["$state", sorted(CLAIM.sources)]}, {"$lte": [DUE_AT, NOW]}]}
WIDE: Document = {"$isArray": "$open_lane"}
"""A job of several lanes; the head of one of them may not be the head of all."""
FREE: Document = {"$and": [DUE, {"$not": [WIDE]}]}
"""Who comes for such a head takes it."""
BUSY: Document = {"$or": [{"$in": ["$state", sorted(HELD)]}, WIDE]}
"""Who comes for such a head uses up a doorbell."""


def taken(settings: JobSettings, worker: str, nonce: Any, awaited: Any) -> Document:
    """A job after its claim. nonce, awaited: expressions; a mark that is set stays."""
    waited = {"$unsetField": {"field": "behind", "input": "$$ROOT"}}
    changes = {
        **bumped(),
        "state": literal(str(CLAIM.target)),
        "trail": trailed(CLAIM.target),
        "token": {"$add": ["$token", 1]},
        "claim": nonce,
        "worker": literal(worker),
        "running_lane": "$open_lane",
        "lease_expires_at": after(settings.lease_seconds),
        "started_at": {"$ifNull": ["$started_at", NOW]},
        "ring_at": None,
        "rings": 0,
        "awaited": {"$or": [awaited, {"$eq": ["$awaited", True]}]},
        "attempts": opened_attempt(worker, settings.attempts_kept),
    }
    return {"$mergeObjects": [waited, changes]}


def claimed(
    settings: JobSettings, known: Document, worker: str, nonce: str, *, awaited: bool
) -> Document:
    """The head of a lane after somebody came: taken, marked, or as it was.

    known: whether this version can run it; what it cannot it leaves as it is, and the lane waits.
    """
    changed = taken(settings, worker, literal(nonce), literal(awaited))
    marks = {"$and": [known, BUSY, {"$ne": ["$awaited", True]}]}
    marked = {"$cond": [marks, {"$mergeObjects": ["$$ROOT", {"awaited": True}]}, "$$ROOT"]}
    return {"$cond": [{"$and": [known, FREE]}, changed, marked]}
