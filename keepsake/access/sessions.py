"""Sessions of the console, and the one-time links that begin them; of each only a hash is kept."""

import hashlib
import secrets
from typing import Any

from pymongo.database import Database

from keepsake.storage import Document, Index, literals, translated

SESSIONS, LINKS = "console_sessions", "console_links"
INDEXES = tuple(
    Index(name, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0})
    for name in (SESSIONS, LINKS)
)
IDLE_SECONDS = 8 * 3_600
"""A session ends when nothing was asked in it for so long."""
LINK_SECONDS = 60
_TOUCHED_SECONDS = 300
"""A session that is used is written so often, not with every request."""
_LIVE: Document = {"$expr": {"$gt": ["$expire_at", "$$NOW"]}}
"""Not over by the database's clock; MongoDB removes what is over some time later."""


class ConsoleSessions:
    """Sessions and links in MongoDB. A token has 256 random bits, so a plain SHA-256 protects it.

    A session stands for an API key by its id. Whether that is still good is asked of the keys.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._sessions = database[SESSIONS]
        self._links = database[LINKS]

    def begin(self, key_id: str) -> str:
        """Begin a session; its token is returned once and kept nowhere.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("beginning a session"):
            return _issue(self._sessions, key_id, IDLE_SECONDS)

    def key_of(self, token: str) -> str | None:
        """The id of the key that a session stands for; None when it is unknown or over.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        shown: Document = {"key_id": 1, "left_ms": {"$subtract": ["$expire_at", "$$NOW"]}}
        with translated("looking for a session"):
            session = self._sessions.find_one({"_id": _hashed(token), **_LIVE}, shown)
            if session is None:
                return None
            if session["left_ms"] < (IDLE_SECONDS - _TOUCHED_SECONDS) * 1_000:
                later = [{"$set": {"expire_at": _in(IDLE_SECONDS)}}]
                self._sessions.update_one({"_id": _hashed(token), **_LIVE}, later)
        return str(session["key_id"])

    def lasts(self, token: str) -> bool:
        """Whether a session is not over; that it is asked does not count as use.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("looking for a session"):
            return self._sessions.find_one({"_id": _hashed(token), **_LIVE}, {"_id": 1}) is not None

    def end(self, token: str) -> None:
        """End a session.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("ending a session"):
            self._sessions.delete_one({"_id": _hashed(token)})

    def link(self, key_id: str) -> str:
        """The token of a link that begins one session; it is good for `LINK_SECONDS`.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("making a link"):
            return _issue(self._links, key_id, LINK_SECONDS)

    def linked(self, token: str) -> str | None:
        """The id of the key that a link was made with, once; None when it is unknown or over.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("following a link"):
            link = self._links.find_one_and_delete({"_id": _hashed(token), **_LIVE})
        return None if link is None else str(link["key_id"])


def _issue(collection: Any, key_id: str, seconds: int) -> str:
    token = secrets.token_urlsafe(32)
    content = {**literals(key_id=key_id), "at": "$$NOW", "expire_at": _in(seconds)}
    collection.update_one({"_id": _hashed(token)}, [{"$set": content}], upsert=True)
    return token


def _in(seconds: int) -> Document:
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": seconds}}


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
