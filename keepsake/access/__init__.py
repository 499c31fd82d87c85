"""Who may do what: API keys with their roles and scopes, request rates, and the audit log."""

from keepsake.access import audit, buckets, keys
from keepsake.access.audit import Act, AuditLog
from keepsake.access.buckets import Rate, TokenBuckets
from keepsake.access.keys import (
    ALL_SCOPES,
    OPERATORS,
    SCHEMA,
    KeyLimits,
    KeyStore,
    Principal,
    Role,
    Scope,
)

INDEXES = (*keys.INDEXES, *buckets.INDEXES, *audit.INDEXES)
"""Of the collections of this package."""

__all__ = [
    "ALL_SCOPES",
    "INDEXES",
    "OPERATORS",
    "SCHEMA",
    "Act",
    "AuditLog",
    "KeyLimits",
    "KeyStore",
    "Principal",
    "Rate",
    "Role",
    "Scope",
    "TokenBuckets",
]
