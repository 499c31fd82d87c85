"""The indexes of the job engine. Partial ones cover only jobs in the state they serve."""

from typing import Any

from keepsake.jobs.job_types import Registry
from keepsake.storage import Document, Index

JOBS = "jobs"
DEAD_LETTERS = "dead_letters"
WORKERS = "workers"
VAULT = "vault"
QUEUES = "queues"
OWNERS = "owners"
SCHEDULES = "schedules"
TIMELINE = "timeline"


def _where(name: str) -> dict[str, Any]:
    """Jobs that have a field.

    `$exists`, not `$type`: for the planner an equality implies the first alone, and a query that
    it cannot match to the filter reads the whole collection.
    """
    return {"partialFilterExpression": {name: {"$exists": True}}}


def _dated(name: str) -> dict[str, Any]:
    """Jobs in which a field is a time, not null; queries say so with the same `$type`."""
    return {"partialFilterExpression": {name: {"$type": "date"}}}


BY_OWNER = Index(JOBS, "by_owner", (("owner", 1), ("created_at", -1), ("_id", -1)))
OF_UNFINISHED = Index(
    JOBS,
    "unfinished",
    (("owner", 1), ("created_at", -1), ("_id", -1), ("deadline_at", 1)),
    _dated("deadline_at"),
)
"""An owner's jobs that have not ended. A job has one entry, from its acceptance to its end; by the
last key MongoDB counts entries without reading records."""
BY_LABEL = Index(
    JOBS,
    "by_label",
    (("owner", 1), ("label_pairs", 1), ("created_at", -1), ("_id", -1)),
    _where("label_pairs"),
)
"""An owner's jobs by each of their labels; one without labels has no entry."""
WAITING_JOBS = Index(
    JOBS,
    "waiting",
    (
        *(("queue", 1), ("in_overflow", 1), ("state", 1)),
        *(("type", 1), ("schema", 1), ("notify_at", 1)),
    ),
    _dated("notify_at"),
)
"""What relay and sweeper look for is of their version: they skip what waits for another. What waits
in an overflow queue stands apart, so that an owner's flood is before no other's job."""
LANE_HOLDER = Index(
    JOBS, "lane_holder", (("running_lane", 1),), {"unique": True, **_where("running_lane")}
)
"""Two jobs of a lane never run at once. Also the list of what runs: it is short, so that neither
leases nor claims have an index of their own to keep with every attempt."""
SCHEDULED_JOBS = Index(
    JOBS,
    "scheduled",
    (("type", 1), ("schema", 1), ("run_at", 1)),
    {"partialFilterExpression": {"state": "scheduled"}},
)
DEADLINES_BY_TYPE = Index(
    JOBS,
    "deadlines_by_type",
    (("type", 1), ("schema", 1), ("deadline_at", 1)),
    _dated("deadline_at"),
)
BURST_EXEMPT = Index(
    JOBS,
    "burst_exempt",
    (("owner", 1), ("burst_exempt", 1), ("lane", 1)),
    _where("burst_exempt"),
)
"""Unfinished jobs that say nothing about how much their owner asks for at once."""
RETENTION = Index(
    JOBS, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0, **_dated("expire_at")}
)
"""Only ended jobs have an expiry. One that is not partial would hold all others, as null."""
LETTERS = Index(DEAD_LETTERS, "by_status", (("status", 1), ("died_at", -1), ("_id", -1)))
LETTERS_OF_OWNER = Index(
    DEAD_LETTERS,
    "by_owner_and_status",
    (("owner", 1), ("status", 1), ("died_at", -1), ("_id", -1)),
)

_INDEXES: tuple[Index, ...] = (
    # A key is held by one job at a time.
    Index(JOBS, "key_slot", (("key_slot", 1),), {"unique": True, **_where("key_slot")}),
    # The head of a lane: the oldest unfinished job.
    Index(
        JOBS,
        "lane_head",
        (("open_lane", 1), ("accepted", 1), ("_id", 1)),
        _where("open_lane"),
    ),
    LANE_HOLDER,
    OF_UNFINISHED,
    SCHEDULED_JOBS,
    BURST_EXEMPT,
    WAITING_JOBS,
    # What waits in an overflow queue, owner by owner; what is interactive has no priority, and so
    # stands first.
    Index(
        JOBS,
        "turns",
        (("in_overflow", 1), ("owner", 1), ("priority", 1), ("accepted", 1)),
        _where("in_overflow"),
    ),
    DEADLINES_BY_TYPE,
    BY_OWNER,
    BY_LABEL,
    RETENTION,
    Index(SCHEDULES, "by_owner", (("owner", 1), ("_id", 1))),
    Index(SCHEDULES, "due", (("paused", 1), ("next_at", 1))),
    LETTERS,
    LETTERS_OF_OWNER,
    Index(DEAD_LETTERS, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),
    Index(TIMELINE, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),
    Index(WORKERS, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),
    Index(VAULT, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),
)


def waiting_in(queue: str) -> Document:
    """Jobs of a queue that wait for a notification, in the words of their index.

    Naming what `in_overflow` may be lets MongoDB merge its ranges in the order of `notify_at`.
    """
    return {
        "queue": queue,
        "in_overflow": {"$in": [None, queue]},
        "notify_at": {"$type": "date"},
    }


def job_indexes(types: Registry) -> tuple[Index, ...]:
    """All indexes of the engine, with those that serve some of the job types alone."""
    newest = (_newest_of_lane(name) for name in types if types[name].newest_of_lane)
    return (*_INDEXES, *newest)


def _newest_of_lane(job_type: str) -> Index:
    """The newest job of a lane, ended or not."""
    return Index(
        JOBS,
        f"newest_of_lane_{job_type}",
        (("lane", 1), ("accepted", -1)),
        {"partialFilterExpression": {"type": job_type}},
    )
