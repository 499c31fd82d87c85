"""Pieces of update pipelines: database time and the attempt history."""

from collections.abc import Collection
from typing import Any

from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import CLAIM, LEASED, State
from keepsake.storage import Document, literal, literals

NOW = "$$NOW"
REMOVE = "$$REMOVE"
OUTAGE = "outage"
"""The outcome of an attempt that waits for something outside."""


def after(seconds: float, start: Any = NOW) -> Document:
    """The database's time plus some seconds."""
    return {"$dateAdd": {"startDate": start, "unit": "millisecond", "amount": int(seconds * 1000)}}


def past(field: str) -> Document:
    """Whether a time has come, by the database's clock."""
    return {"$lte": [f"${field}", NOW]}


def entered(state: str) -> Document:
    """What every change of state writes; nothing but a new job's draft writes a state elsewhere."""
    return {**bumped(), "state": literal(str(state)), "state_history": _with_state(state)}


def bumped() -> Document:
    """What every change does: a new revision, and when it happened."""
    return {"revision": {"$add": ["$revision", 1]}, "updated_at": NOW}


STATE_HISTORY_KEPT = 100
LOGS_KEPT = 100


def revised(value: Any) -> Document:
    """A client's object with the revision that this change makes."""
    return {"$mergeObjects": [literal(value), {"revision": {"$add": ["$revision", 1]}}]}


def _with_state(state: str) -> Document:
    """The states so far and this one, so that no watcher misses a state it did not see live."""
    return _appended("state_history", literals(state=str(state)), STATE_HISTORY_KEPT)


def logged(level: str, message: str) -> Document:
    """The log with one more line."""
    return _appended("logs", literals(level=level, message=message), LOGS_KEPT)


def _appended(field: str, row: Document, kept: int) -> Document:
    stamped = {"revision": {"$add": ["$revision", 1]}, "at": NOW, **row}
    rows = {"$concatArrays": [{"$ifNull": [f"${field}", []]}, [stamped]]}
    return {"$slice": [rows, -kept]}


def dated(error: Document) -> Document:
    """An error for the record, with the time at which it is recorded."""
    return {"$mergeObjects": [literal(error), {"at": NOW}]}


ATTEMPTS_KEPT = 20
"""Rows of a job's history of attempts: enough to see how it fails, few enough that its document
stays small, which every write of it carries."""
_REST: Document = {
    "$cond": [
        {"$gt": [{"$size": "$attempts"}, 1]},
        {"$slice": ["$attempts", 1, ATTEMPTS_KEPT - 1]},
        [],
    ]
}


def opened_attempt(worker: str) -> Document:
    """The history with a new attempt in front.

    A continuation goes on with the last row, and so does an attempt that met an outage.
    """
    fresh = {
        "attempt": {"$add": ["$failures", 1]},
        "token": {"$add": ["$token", 1]},
        "worker": literal(worker),
        "started_at": NOW,
        "slices": 1,
    }
    last = {"$first": "$attempts"}
    going_on = {
        "$mergeObjects": [
            {"$unsetField": {"field": "error", "input": last}},
            {"token": fresh["token"], "worker": fresh["worker"], "outcome": None},
            {"slices": {"$add": [{"$getField": {"field": "slices", "input": last}}, 1]}},
        ]
    }
    return {
        "$cond": [
            {"$in": [{"$getField": {"field": "outcome", "input": last}}, ["continued", OUTAGE]]},
            {"$concatArrays": [[going_on], _REST]},
            {"$slice": [{"$concatArrays": [[fresh], "$attempts"]}, ATTEMPTS_KEPT]},
        ]
    }


def closed_attempt(outcome: str, error: Document | None) -> Document:
    """The history with its newest row ended; it counts its outages."""
    end: Document = {"outcome": literal(outcome), "ended_at": NOW}
    if outcome == OUTAGE:
        so_far = {"$getField": {"field": "outages", "input": {"$first": "$attempts"}}}
        end["outages"] = {"$add": [{"$ifNull": [so_far, 0]}, 1]}
    if error is not None:
        end["error"] = dated(error)
    newest = {"$mergeObjects": [{"$first": "$attempts"}, end]}
    return {"$concatArrays": [[newest], _REST]}


DUE_AT: Document = {"$cond": [{"$eq": ["$state", State.RETRYING]}, "$run_at", NOW]}
"""When a waiting job may run: a retry at its time, what is pending now, whatever its times say."""
DUE: Document = {"$and": [{"$in": ["$state", sorted(CLAIM.sources)]}, {"$lte": [DUE_AT, NOW]}]}
MULTI_LANE: Document = {"$isArray": "$open_lane"}
"""A job of several lanes; the head of one of them may not be the head of all."""


def takes(known: Document, bounded: Collection[str] = ()) -> Document:
    """Whether a claim takes the head of a lane. bounded: owners whose jobs need a slot to run."""
    slotted = [{"$not": [{"$in": ["$owner", literal(sorted(bounded))]}]}] if bounded else []
    return {"$and": [known, DUE, {"$not": [MULTI_LANE]}, *slotted]}


def marks(known: Document) -> Document:
    """Whether a claim only marks the head, since a notification was used up."""
    busy = {"$or": [{"$in": ["$state", sorted(LEASED)]}, MULTI_LANE]}
    return {"$and": [busy, {"$ne": ["$notify_next", True]}, known]}  # `known` takes longest


def taken(settings: JobSettings, worker: str, claim_id: Any, notify_next: Any) -> Document:
    """A job after its claim. claim_id, notify_next: expressions; a mark that is set stays."""
    waited = {"$unsetField": {"field": "in_overflow", "input": "$$ROOT"}}
    changes = {
        **entered(CLAIM.target),
        "token": {"$add": ["$token", 1]},
        "claim": claim_id,
        "worker": literal(worker),
        "running_lane": "$open_lane",
        "lease_expires_at": after(settings.lease_seconds),
        "started_at": {"$ifNull": ["$started_at", NOW]},
        "notify_at": None,
        "notifications": 0,
        "notify_next": {"$or": [notify_next, {"$eq": ["$notify_next", True]}]},
        "attempts": opened_attempt(worker),
    }
    return {"$mergeObjects": [waited, changes]}


def claimed(
    settings: JobSettings,
    known: Document,
    worker: str,
    claim_id: str,
    *,
    notify_next: bool,
    bounded: Collection[str],
) -> Document:
    """The head of a lane after somebody came: taken, marked, or as it was.

    known: whether this version can run it; what it cannot it leaves as it is, and the lane waits.
    bounded: as in `takes`.
    """
    changed = taken(settings, worker, literal(claim_id), literal(notify_next))
    marked = {"$mergeObjects": ["$$ROOT", {"notify_next": True}]}
    return {"$cond": [takes(known, bounded), changed, {"$cond": [marks(known), marked, "$$ROOT"]}]}


ERROR_TYPE: Document = {"$ifNull": ["$error.type", "$error.kind"]}
"""What owners tell an error by."""
ERROR_PLACE: Document = {"$ifNull": [{"$last": "$error.traceback"}, "unknown"]}
"""Where an error was raised: the innermost place; of a worker that died nobody knows it."""
