"""What scans cost on this machine, for estimates."""

import platform
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from scanner.indexes import HISTORY
from scanner.models import digest
from scanner.store.writing import fenced
from storage.errors import translated
from storage.fence import Fence
from storage.mongo import Document, literals

_RECENT = 50


class History:
    """One document per scan that did something; owners are not in it."""

    def __init__(self, database: Database[Document], machine: str | None = None) -> None:
        self._database = database
        self._scans = database[HISTORY]
        self.machine = machine or platform.node()

    def add(self, index: str, generation: int, facts: dict[str, Any], fence: Fence) -> None:
        """Record a scan; a repeat replaces it."""
        which = {"_id": digest("scan", index, str(generation))}

        def write(session: ClientSession) -> None:
            fields = {**literals(machine=self.machine, **facts), "at": "$$NOW"}
            self._scans.update_one(which, [{"$set": fields}], upsert=True, session=session)

        fenced(self._database, fence, "recording the scan", write)

    def recent(self) -> list[Document]:
        """The latest scans of this machine; of any, while it has none."""
        with translated("reading the history"):
            found = self._scans.find({"machine": self.machine}).sort("at", -1).limit(_RECENT)
            return list(found) or list(self._scans.find().sort("at", -1).limit(_RECENT))
