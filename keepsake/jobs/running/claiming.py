"""The expressions of a claim: whether a job may be taken, and what taking it changes."""

from typing import Any

from keepsake.jobs.expressions import NOW, after, bumped, opened_attempt, with_state
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import CLAIM, LEASED, State
from keepsake.storage.mongo import Document, literal

DUE_AT: Document = {"$cond": [{"$eq": ["$state", State.RETRYING]}, "$run_at", NOW]}
"""When a waiting job may run: a retry at its time, what is pending now, whatever its times say."""
DUE: Document = {"$and": [{"$in": ["$state", sorted(CLAIM.sources)]}, {"$lte": [DUE_AT, NOW]}]}
MULTI_LANE: Document = {"$isArray": "$open_lane"}
"""A job of several lanes; the head of one of them may not be the head of all."""
FREE: Document = {"$and": [DUE, {"$not": [MULTI_LANE]}]}
"""Who comes for such a head takes it."""
BUSY: Document = {"$or": [{"$in": ["$state", sorted(LEASED)]}, MULTI_LANE]}
"""Who comes for such a head uses up a notifier."""


def taken(settings: JobSettings, worker: str, claim_id: Any, notify_next: Any) -> Document:
    """A job after its claim. claim_id, notify_next: expressions; a mark that is set stays."""
    waited = {"$unsetField": {"field": "in_overflow", "input": "$$ROOT"}}
    changes = {
        **bumped(),
        "state": literal(str(CLAIM.target)),
        "state_history": with_state(CLAIM.target),
        "token": {"$add": ["$token", 1]},
        "claim": claim_id,
        "worker": literal(worker),
        "running_lane": "$open_lane",
        "lease_expires_at": after(settings.lease_seconds),
        "started_at": {"$ifNull": ["$started_at", NOW]},
        "notify_at": None,
        "notifications": 0,
        "notify_next": {"$or": [notify_next, {"$eq": ["$notify_next", True]}]},
        "attempts": opened_attempt(worker, settings.attempts_kept),
    }
    return {"$mergeObjects": [waited, changes]}


def claimed(
    settings: JobSettings, known: Document, worker: str, claim_id: str, *, notify_next: bool
) -> Document:
    """The head of a lane after somebody came: taken, marked, or as it was.

    known: whether this version can run it; what it cannot it leaves as it is, and the lane waits.
    """
    changed = taken(settings, worker, literal(claim_id), literal(notify_next))
    marks = {"$and": [known, BUSY, {"$ne": ["$notify_next", True]}]}
    marked = {"$cond": [marks, {"$mergeObjects": ["$$ROOT", {"notify_next": True}]}, "$$ROOT"]}
    return {"$cond": [{"$and": [known, FREE]}, changed, marked]}
