"""The audit log: every act of an operator, written before it is done."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field, field_validator
from pymongo.database import Database

from keepsake.storage import Audience, Document, Index, Settings, literals, new_id, translated

AUDIT = "audit"
INDEXES = (Index(AUDIT, "newest", (("at", -1), ("_id", -1))),)
_DAY_SECONDS = 86_400
_LOOK_SECONDS = 600.0
_REMOVED = 1_000


class AuditSettings(Settings):
    """For how long acts are kept."""

    audit_kept_seconds: Annotated[int, Audience.RETENTION] = Field(
        default=400 * _DAY_SECONDS, ge=0, le=36_500 * _DAY_SECONDS
    )
    """Then a row of the audit log is removed, whenever it was written; a day at least. `0`: none
    ever is"""

    @field_validator("audit_kept_seconds")
    @classmethod
    def _is_no_number_of_days(cls, seconds: int) -> int:
        if 0 < seconds < _DAY_SECONDS:
            raise ValueError(f"has to be 0, or at least {_DAY_SECONDS}: a day")
        return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who does what, to what, why. No secret and no user's text."""

    by: str
    key_id: str
    action: str
    target: str
    reason: str = ""
    request_id: str = ""


class AuditLog:
    """Rows are only added; nothing changes one, and only their age removes one."""

    def __init__(self, database: Database[Document]) -> None:
        self._rows = database[AUDIT]

    def note(self, act: Act) -> None:
        """Write an act down.

        Raises:
            StorageUnavailable: It is not written, so the act must not be done.
        """
        with translated("auditing"):
            self._rows.update_one(
                {"_id": new_id("act")},
                [{"$set": {**literals(**asdict(act)), "at": "$$NOW"}}],
                upsert=True,
            )

    def page(self, before: tuple[datetime, str] | None, size: int) -> list[Document]:
        """The newest rows that are older than a row's time and id.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        which: Document = {}
        if before is not None:
            at, row = before
            which["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": row}}]
        with translated("reading the audit log"):
            return list(self._rows.find(which).sort([("at", -1), ("_id", -1)]).limit(size))

    def expire(self, kept_seconds: int) -> bool:
        """Remove the oldest rows past their time, by MongoDB's clock; whether there may be more.

        They carry no time of their own: a changed setting holds for rows of before as well, and
        for those that former versions write.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        past = {"$subtract": ["$$NOW", kept_seconds * 1_000]}
        with translated("expiring the audit log"):
            old = self._rows.find({"$expr": {"$lt": ["$at", past]}}, {"_id": 1})
            which = [row["_id"] for row in old.sort([("at", 1), ("_id", 1)]).limit(_REMOVED)]
            if which:
                self._rows.delete_many({"_id": {"$in": which}})
        return len(which) == _REMOVED


def expiring(database: Database[Document]) -> Callable[[], bool]:
    """A step of housekeeping that looks every ten minutes; whether there is more is returned."""
    log, kept_seconds = AuditLog(database), AuditSettings().audit_kept_seconds
    due = 0.0

    def expire() -> bool:
        nonlocal due
        if not kept_seconds or time.monotonic() < due:
            return False
        more = log.expire(kept_seconds)
        due = time.monotonic() + (0 if more else _LOOK_SECONDS)
        return more

    return expire
