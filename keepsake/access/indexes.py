"""The indexes of this package."""

from keepsake.storage.indexes import Index

KEYS = "api_keys"
BUCKETS = "rate_buckets"
AUDIT = "audit"

INDEXES: tuple[Index, ...] = (
    Index(KEYS, "by_hash", (("hash", 1),), {"unique": True}),
    Index(KEYS, "by_owner", (("owner", 1), ("created_at", -1))),
    Index(BUCKETS, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),
    Index(AUDIT, "newest", (("at", -1), ("_id", -1))),
)
