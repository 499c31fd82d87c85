"""Keeps the declared indexes there while a process runs.

Whoever drops a database, a collection or an index takes them away under running processes, and the
next write makes the collection anew without them.
"""

import logging
import random
import threading
from collections.abc import Iterable

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from keepsake.storage.errors import StorageError, StorageUnavailable, translated
from keepsake.storage.indexes import Index, IndexState, inspect
from keepsake.storage.mongo import Document

LOOK_SECONDS = 5.0
_LOOKS_BETWEEN_TRIES = 60
_log = logging.getLogger("keepsake.indexes")


class Upkeep:
    """Looks every `LOOK_SECONDS`, in a thread of its own: what costs a request nothing."""

    def __init__(self, database: Database[Document], indexes: Iterable[Index]) -> None:
        self._database = database
        self._indexes = tuple(indexes)
        self._stop = threading.Event()
        self._looks = 0
        self._amiss: dict[str, str] = {}

    def start(self) -> None:
        """Look from now on."""
        self._stop.clear()
        threading.Thread(target=self._run, name="indexes", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    @property
    def amiss(self) -> int:
        """How many indexes were not as declared at the last look, and could not be made."""
        return len(self._amiss)

    def look(self) -> None:
        """Make what is missing, and tell once of what cannot be made.

        That is a unique index of a collection with duplicates, and one that stands there with
        other keys or options.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        states = inspect(self._database, self._indexes)
        lost = [found for found in states if found.state != "present"]
        amiss = {_name(found.index): error for found in lost if (error := self._made(found))}
        for name in amiss.keys() - self._amiss.keys():
            _log.error("index.amiss", extra={"state": name, "error": amiss[name]})
        self._amiss = amiss
        self._looks += 1

    def _made(self, found: IndexState) -> str:
        """Make an index; why it could not be, empty when it was.

        A try reads the whole collection, so one that failed is not repeated with every look.
        """
        if found.state == "different":
            return found.state
        index = found.index
        if (known := self._amiss.get(_name(index))) and self._looks % _LOOKS_BETWEEN_TRIES:
            return known
        try:
            with translated("making an index"):
                self._database[index.collection].create_indexes([index.model()])
        except DuplicateKeyError:
            return "duplicates"
        except StorageUnavailable:
            raise
        except StorageError:
            return "refused"
        _log.info("index.made", extra={"state": _name(index)})
        return ""

    def _run(self) -> None:
        """Jitter keeps many processes from looking at the same moment."""
        while not self._stop.wait(LOOK_SECONDS * random.uniform(0.6, 1.0)):  # noqa: S311
            try:
                self.look()
            except StorageError as error:
                _log.warning("indexes.unseen", extra={"error": type(error).__name__})


def _name(index: Index) -> str:
    return f"{index.collection}.{index.name}"
