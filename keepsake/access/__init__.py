"""Who may do what: API keys with their roles and scopes, request rates, and the audit log."""

from keepsake.access import audit, buckets, keys
from keepsake.access.audit import Act, AuditLog
from keepsake.access.buckets import Rate, TokenBuckets
from keepsake.access.keys import (
    ADMIN,
    ALL_SCOPES,
    CONTENT,
    JOBS,
    OPERATORS,
    SCHEMA,
    KeyLimits,
    KeyStore,
    Principal,
    Role,
)

INDEXES = (*keys.INDEXES, *buckets.INDEXES, *audit.INDEXES)
"""Of the collections of this package."""

__all__ = [
    "ADMIN",
    "ALL_SCOPES",
    "CONTENT",
    "INDEXES",
    "JOBS",
    "OPERATORS",
    "SCHEMA",
    "Act",
    "AuditLog",
    "KeyLimits",
    "KeyStore",
    "Principal",
    "Rate",
    "Role",
    "TokenBuckets",
]
