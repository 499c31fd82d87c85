"""The indexes of the memory package."""

from keepsake.storage.indexes import Index

MEMORIES = "memories"
LEDGER = "memory_ledger"
USERS = "memory_users"
LLM_CALLS = "memory_llm_calls"

_WHOSE = (("owner", 1), ("user_id", 1))

INDEXES: tuple[Index, ...] = (
    Index(MEMORIES, "by_key", (*_WHOSE, ("keys", 1), ("valid_from", 1))),
    Index(MEMORIES, "by_revision", (*_WHOSE, ("rev", 1), ("kind", -1))),
    Index(MEMORIES, "by_domain", (*_WHOSE, ("kind", 1), ("domain", 1), ("valid_to", 1))),
    Index(MEMORIES, "by_id", (*_WHOSE, ("_id", 1))),
    Index(MEMORIES, "by_job", (("provenance.job_id", 1), ("provenance.position", 1))),
    Index(MEMORIES, "by_closing", (("invalidations.job_id", 1),)),
    Index(MEMORIES, "by_support", (("support.job_id", 1),)),
    Index(
        MEMORIES,
        "one_turn",
        (*_WHOSE, ("identity", 1)),
        {"unique": True, "partialFilterExpression": {"kind": "turn"}},
    ),
    Index(LEDGER, "by_user", _WHOSE),
    Index(LEDGER, "by_job", (("job_id", 1), ("position", 1))),
    Index(LLM_CALLS, "by_user", _WHOSE),
    Index(LLM_CALLS, "retention", (("kept_at", 1),), {"expireAfterSeconds": 7 * 86_400}),
    Index(USERS, "by_user", _WHOSE, {"unique": True}),
)
