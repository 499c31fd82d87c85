"""Who may do what: API keys with their roles and scopes, sessions, request rates, the audit log."""

from keepsake.access import audit, buckets, keys, sessions
from keepsake.access.audit import Act, AuditLog, AuditSettings, expiring
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
from keepsake.access.sessions import IDLE_SECONDS, LINK_SECONDS, ConsoleSessions

INDEXES = (*keys.INDEXES, *buckets.INDEXES, *audit.INDEXES, *sessions.INDEXES)
"""Of the collections of this package."""

__all__ = [
    "ADMIN",
    "ALL_SCOPES",
    "CONTENT",
    "IDLE_SECONDS",
    "INDEXES",
    "JOBS",
    "LINK_SECONDS",
    "OPERATORS",
    "SCHEMA",
    "Act",
    "AuditLog",
    "AuditSettings",
    "ConsoleSessions",
    "KeyLimits",
    "KeyStore",
    "Principal",
    "Rate",
    "Role",
    "TokenBuckets",
    "expiring",
]
