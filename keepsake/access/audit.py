"""The audit log: every act of an operator, written before it is done."""

from dataclasses import asdict, dataclass
from datetime import datetime

from pymongo.database import Database

from keepsake.storage import Document, Index, literals, new_id, translated

AUDIT = "audit"
INDEXES = (Index(AUDIT, "newest", (("at", -1), ("_id", -1))),)


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
    """Rows are only added; nothing here changes or removes one."""

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
