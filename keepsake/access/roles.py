"""What a key's bearer may do: roles and scopes."""

from enum import StrEnum


class Role(StrEnum):
    """What a key's bearer is."""

    OWNER = "owner"
    """Sees and changes what is its own."""
    OPERATOR_READ_ONLY = "operator-read-only"
    """Also sees queues, workers, keys and dead letters of all owners."""
    OPERATOR = "operator"
    """Also acts on them; every act is in the audit log."""


OPERATORS = frozenset({Role.OPERATOR, Role.OPERATOR_READ_ONLY})


class Scope(StrEnum):
    """The resources that a key can be held to."""

    MEMORY = "memory"
    SCANNER = "scanner"
    JOBS = "jobs"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)
