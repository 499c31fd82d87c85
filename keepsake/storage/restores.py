"""Restores: until a backup is restored whole, no process works on what there is of it.

A mark stands in the database from the first document to the last. One that broke off leaves it.
Processes look for it before they first write, and where they run already every few seconds
(`IndexUpkeep`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.database import Database

from keepsake.storage.mongo import Document, StorageUnavailable, translated

RESTORING = "restoring"
_MARK = {"_id": "restore"}
_seen = threading.Event()
"""A look of this process has found a mark: whatever was found before has to be looked at anew."""


@contextmanager
def restoring(database: Database[Document]) -> Iterator[None]:
    """Mark the database while it is restored; the mark stays when that fails.

    Raises:
        StorageError: MongoDB does not answer, or refused.
    """
    marks = database[RESTORING]
    with translated("marking the restore"):
        marks.replace_one(_MARK, _MARK, upsert=True)
    yield
    with translated("ending the restore"):
        marks.drop()


def refuse_half_restored(database: Database[Document]) -> None:
    """Look whether a restore is under way, or broke off.

    Raises:
        StorageUnavailable: So it is; or MongoDB does not answer.
    """
    with translated("looking for a restore"):
        mark = database[RESTORING].find_one(_MARK)
    if mark is None:
        _seen.clear()
    else:
        _seen.set()
        raise StorageUnavailable(
            f"the database {database.name} is restored in part: wait for the restore, or repeat it"
            " with `keepsake backup restore --drop`"
        )


def restore_seen() -> bool:
    """Whether this process has seen a restore that, for all it knows, is not over."""
    return _seen.is_set()
