"""What scans cost on this machine, for estimates."""

import platform
from typing import Any

from pymongo import WriteConcern
from pymongo.database import Database

from keepsake.scanner.indexes import HISTORY
from keepsake.scanner.models import digest
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document, literals

_RECENT = 50


class History:
    """One document per scan that did something; owners are not in it."""

    def __init__(self, database: Database[Document], machine: str | None = None) -> None:
        self._scans = database[HISTORY]
        self._hasty = self._scans.with_options(write_concern=WriteConcern(w=1, j=False))
        self.machine = machine or platform.node()

    def add(self, index: str, generation: int, facts: dict[str, Any]) -> None:
        """Record a scan, or nearly always: a repeat replaces it, and it waits for no disk."""
        which = {"_id": digest("scan", index, str(generation))}
        fields = {**literals(machine=self.machine, **facts), "at": "$$NOW"}
        with translated("recording the scan"):
            self._hasty.update_one(which, [{"$set": fields}], upsert=True)

    def recent(self) -> list[Document]:
        """The latest scans of this machine; of any, while it has none."""
        with translated("reading the history"):
            found = self._scans.find({"machine": self.machine}).sort("at", -1).limit(_RECENT)
            return list(found) or list(self._scans.find().sort("at", -1).limit(_RECENT))
