"""Mirrors of deleted repositories: each machine drops its own, now and then."""

import time
from collections.abc import Callable

from pymongo.database import Database

from keepsake.scanner.git import cache
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.store import REPOSITORIES
from keepsake.storage import Document, translated

_LOOK_SECONDS = 60.0


def drop_forgotten(database: Database[Document], settings: ScannerSettings) -> int:
    """Drop the mirrors of this machine whose repository is not stored; how many is returned.

    A repository is stored before it is fetched. A mirror in use stays until a later look.

    Raises:
        StorageUnavailable: MongoDB does not answer.
    """
    mirrors = {mirror.stem: mirror for mirror in settings.scan_cache_path.glob("*.git")}
    if not mirrors:
        return 0
    with translated("looking for repositories"):
        stored = database[REPOSITORIES].find({"_id": {"$in": list(mirrors)}}, {"_id": 1})
        known = {record["_id"] for record in stored}
    return sum(cache.drop(mirrors[name]) for name in mirrors.keys() - known)


def dropping(database: Database[Document]) -> Callable[[], bool]:
    """A step of housekeeping: it drops what is left of deleted repositories; there is no more."""
    settings = ScannerSettings()
    due = 0.0

    def drop() -> bool:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + _LOOK_SECONDS
            drop_forgotten(database, settings)
        return False

    return drop
