"""API keys: shown once, stored hashed."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pymongo.database import Database

from storage.errors import translated
from storage.ids import new_id
from storage.indexes import Index
from storage.mongo import Document, literals

KEYS = "api_keys"
PREFIX = "ksk_"
_UNEXPIRED = {"$gt": ["$expires_at", "$$NOW"]}
INDEXES: tuple[Index, ...] = (
    Index(KEYS, "by_hash", (("hash", 1),), {"unique": True}),
    Index(KEYS, "by_owner", (("owner", 1), ("created_at", -1))),
)


class Role(StrEnum):
    """What a key's bearer is."""

    CLIENT = "client"
    """Sees and changes what is its own."""
    OPERATOR = "operator"
    """Sees queues, workers and dead letters of all owners."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated owner behind a request."""

    owner: str
    role: Role
    key_id: str


class KeyStore:
    """API keys in MongoDB. A key has 256 random bits, so a plain SHA-256 protects it."""

    def __init__(self, database: Database[Document]) -> None:
        self._keys = database[KEYS]

    def create(
        self, owner: str, *, role: Role = Role.CLIENT, expires_at: datetime | None = None
    ) -> str:
        """Make a key for an owner; the plain key is returned once and kept nowhere."""
        key = PREFIX + secrets.token_urlsafe(32)
        fields = literals(
            hash=_hashed(key), owner=owner, role=str(role), expires_at=expires_at, revoked_at=None
        )
        with translated("creating a key"):
            self._keys.update_one(
                {"_id": new_id("key")}, [{"$set": {**fields, "created_at": "$$NOW"}}], upsert=True
            )
        return key

    def principal(self, key: str) -> Principal | None:
        """Who bears a key; None when it is unknown, revoked or expired."""
        with translated("checking a key"):
            found = self._keys.find_one(
                {
                    "hash": _hashed(key),
                    "revoked_at": None,
                    "$expr": {"$or": [{"$eq": ["$expires_at", None]}, _UNEXPIRED]},
                }
            )
        if found is None:
            return None
        return Principal(found["owner"], Role(found["role"]), found["_id"])


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
