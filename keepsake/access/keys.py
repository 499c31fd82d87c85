"""API keys: shown once, stored hashed, with what their bearer may do."""

import hashlib
import math
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from threading import Event

from pymongo import ReturnDocument
from pymongo.database import Database

from keepsake.storage import Document, Index, literals, new_id, reading, translated


class Role(StrEnum):
    """What a key's bearer is."""

    OWNER = "owner"
    """Sees and changes what is its own."""
    OPERATOR_READ_ONLY = "operator-read-only"
    """Also sees queues, workers, keys and dead letters of all owners."""
    OPERATOR = "operator"
    """Also acts on them; every act is in the audit log."""


OPERATORS = frozenset({Role.OPERATOR, Role.OPERATOR_READ_ONLY})


JOBS, ADMIN = "jobs", "admin"
"""The scopes that belong to no job type."""
CONTENT = "operator:content"
"""Lets an operator read what is its owner's alone; it has to be named, and every use is audited."""
ALL_SCOPES = ("memory", "scanner", JOBS, ADMIN)
"""What a key is good for if nothing else is asked for. Those of installed packages are named."""

KEYS = "api_keys"
INDEXES = (
    Index(KEYS, "by_hash", (("hash", 1),), {"unique": True}),
    Index(KEYS, "by_owner", (("owner", 1), ("created_at", -1))),
)
PREFIX = "ksk_"
SCHEMA = 1
"""Of keys. It grows with a change that an older reader would get wrong."""
_GOOD: Document = {
    "revoked_at": None,
    "$expr": {"$or": [{"$eq": ["$expires_at", None]}, {"$gt": ["$expires_at", "$$NOW"]}]},
}
"""Neither revoked nor expired, by the database's clock."""
_BEARER: Document = {
    **dict.fromkeys(("schema", "owner", "role", "scopes", "limits", "organisations"), 1),
    "left_ms": {"$subtract": ["$expires_at", "$$NOW"]},
}
_AWAIT_MS = 1_000
_LISTED = 500


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """How much a key may ask for; None is as the settings say.

    stored_bytes: of its owner's, past which it adds nothing.
    """

    requests_per_second: float | None = None
    backlog: int | None = None
    stored_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated owner behind a request."""

    owner: str
    role: Role
    key_id: str
    scopes: frozenset[str] = frozenset(ALL_SCOPES)
    limits: KeyLimits = field(default_factory=KeyLimits)
    organisations: tuple[str, ...] = ()
    """Those whose shared indexes it may search, and with which its owner may share."""
    seconds_left: float = math.inf
    """Until the key expires, when it was looked up."""


class KeyStore:
    """API keys in MongoDB. A key has 256 random bits, so a plain SHA-256 protects it."""

    def __init__(self, database: Database[Document]) -> None:
        self._keys = database[KEYS]

    def create(
        self,
        owner: str,
        *,
        role: Role = Role.OWNER,
        expires_at: datetime | None = None,
        scopes: Iterable[str] = ALL_SCOPES,
        limits: KeyLimits | None = None,
        organisations: Iterable[str] = (),
        name: str = "",
    ) -> str:
        """Make a key for an owner; the plain key is returned once and kept nowhere."""
        key = PREFIX + secrets.token_urlsafe(32)
        written = literals(
            schema=SCHEMA,
            hash=_hashed(key),
            owner=owner,
            role=str(role),
            expires_at=expires_at,
            revoked_at=None,
            scopes=sorted(scopes),
            limits=asdict(limits or KeyLimits()),
            organisations=sorted(set(organisations)),
            name=name,
        )
        with translated("creating a key"):
            self._keys.update_one(
                {"_id": new_id("key")}, [{"$set": {**written, "created_at": "$$NOW"}}], upsert=True
            )
        return key

    def principal(self, key: str) -> Principal | None:
        """Who bears a key; None when it is unknown, revoked or expired.

        Raises:
            Unreadable: It is of a role or a schema that this version does not know, or damaged.
        """
        with translated("checking a key"):
            record = self._keys.find_one({"hash": _hashed(key), **_GOOD}, _BEARER)
        return _principal(record) if record else None

    def principal_of(self, key_id: str) -> Principal | None:
        """Who bears the key of an id, as `principal` has it.

        Raises:
            Unreadable: As `principal` has it.
        """
        with translated("checking a key"):
            record = self._keys.find_one({"_id": key_id, **_GOOD}, _BEARER)
        return _principal(record) if record else None

    def good(self, key_ids: Iterable[str]) -> set[str]:
        """Which of some keys are neither revoked nor expired."""
        with translated("checking keys"):
            good = self._keys.find({"_id": {"$in": list(key_ids)}, **_GOOD}, {"_id": 1})
            return {key["_id"] for key in good}

    def revoke(self, key_id: str) -> Document | None:
        """Revoke a key; None when there is none. Web processes hear of it at once."""
        with translated("revoking a key"):
            return self._keys.find_one_and_update(
                {"_id": key_id},
                [{"$set": {"revoked_at": {"$ifNull": ["$revoked_at", "$$NOW"]}}}],
                projection={"hash": 0},
                return_document=ReturnDocument.AFTER,
            )

    def described(self, key: str) -> Document:
        """The record of a key that was just made, without its hash."""
        with translated("reading a key"):
            return self._keys.find_one({"hash": _hashed(key)}, {"hash": 0}) or {}

    def memberships(self, owners: Collection[str]) -> dict[str, frozenset[str]]:
        """The organisations that good keys of each of some owners name."""
        memberships: dict[str, frozenset[str]] = {}
        with translated("reading memberships"):
            named_in = {"schema": {"$in": [None, SCHEMA]}, "organisations": {"$type": "array"}}
            whose = {"owner": {"$in": list(owners)}, **named_in, **_GOOD}
            for key in self._keys.find(whose, {"owner": 1, "organisations": 1}):
                named = frozenset(map(str, key["organisations"]))
                before = memberships.get(key["owner"], frozenset())
                memberships[key["owner"]] = before | named
        return memberships

    def listed(self, owner: str | None = None) -> list[Document]:
        """The newest keys, without their hashes; of one owner or of all."""
        which = {} if owner is None else {"owner": owner}
        with translated("listing keys"):
            newest = self._keys.find(which, {"hash": 0}).sort("created_at", -1)
            return list(newest.limit(_LISTED))

    def follow(self, closing: Event, changed: Callable[[], None]) -> Iterator[None]:
        """Call `changed` whenever a key has; yields once it listens, and ends when it cannot.

        So it does when the keys are dropped: nothing is heard of those that are made anew.

        Raises:
            StorageError: It cannot listen any longer.
        """
        with (
            translated("following keys"),
            self._keys.watch([{"$project": {"_id": 1}}], max_await_time_ms=_AWAIT_MS) as stream,
        ):
            yield
            while not closing.is_set() and stream.alive:
                if stream.try_next() is not None:
                    changed()


def _principal(record: Document) -> Principal:
    """A later version's further scopes are good for nothing here; its limits are left out."""
    with reading(record["_id"]):
        if record.get("schema", SCHEMA) != SCHEMA:
            raise ValueError("a key of another schema")
        known = {field.name for field in fields(KeyLimits)}
        limits = {name: most for name, most in record["limits"].items() if name in known}
        return Principal(
            record["owner"],
            Role(record["role"]),
            record["_id"],
            frozenset(map(str, record["scopes"])),
            KeyLimits(**limits),
            tuple(record.get("organisations", ())),
            math.inf if record["left_ms"] is None else record["left_ms"] / 1000,
        )


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
