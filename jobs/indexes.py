"""The indexes of the job engine. Partial ones cover only jobs in the state they serve."""

from typing import Any

from storage.indexes import Index

JOBS = "jobs"
DEAD_LETTERS = "dead_letters"
WORKERS = "workers"
VAULT = "vault"
QUEUES = "queues"


def _partial(name: str, kind: str) -> dict[str, Any]:
    return {"partialFilterExpression": {name: {"$type": kind}}}


INDEXES: tuple[Index, ...] = (
    # A key is held by one job at a time.
    Index(JOBS, "hold", (("hold", 1),), {"unique": True, **_partial("hold", "string")}),
    # The head of a lane: the oldest unfinished job.
    Index(
        JOBS,
        "lane_head",
        (("open_lane", 1), ("accepted", 1), ("_id", 1)),
        _partial("open_lane", "string"),
    ),
    # Two jobs of a lane never run at once.
    Index(
        JOBS,
        "lane_holder",
        (("running_lane", 1),),
        {"unique": True, **_partial("running_lane", "string")},
    ),
    Index(JOBS, "backlog", (("owner", 1), ("open_lane", 1)), _partial("open_lane", "string")),
    Index(JOBS, "due", (("queue", 1), ("ring_at", 1)), _partial("ring_at", "date")),
    Index(JOBS, "leases", (("lease_expires_at", 1),), _partial("lease_expires_at", "date")),
    Index(JOBS, "claims", (("claim", 1),), _partial("claim", "string")),
    Index(JOBS, "deadlines", (("deadline_at", 1),), _partial("deadline_at", "date")),
    Index(JOBS, "by_owner", (("owner", 1), ("created_at", -1), ("_id", -1))),
    # Only ended jobs have an expiry.
    Index(JOBS, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),
    Index(DEAD_LETTERS, "newest", (("died_at", -1), ("_id", -1))),
    Index(DEAD_LETTERS, "by_owner", (("owner", 1), ("died_at", -1), ("_id", -1))),
    Index(DEAD_LETTERS, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),
    Index(WORKERS, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),
    Index(VAULT, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),
)
