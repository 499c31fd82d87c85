"""The indexes of the memory package."""

from storage.indexes import Index

MEMORIES = "memories"
LEDGER = "memory_ledger"
USERS = "memory_users"

INDEXES: tuple[Index, ...] = (
    Index(MEMORIES, "valid", (("owner", 1), ("user_id", 1), ("valid_to", 1), ("domain", 1))),
    Index(MEMORIES, "by_job", (("provenance.job_id", 1),)),
    Index(LEDGER, "by_user", (("owner", 1), ("user_id", 1))),
    Index(USERS, "by_user", (("owner", 1), ("user_id", 1)), {"unique": True}),
)
