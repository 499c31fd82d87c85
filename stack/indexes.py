"""All declared indexes, and where each stands."""

from pymongo.database import Database

import access.indexes
import jobs.indexes
import memory.indexes
import scanner.indexes
from storage import indexes
from storage.indexes import Index, IndexState
from storage.mongo import Document

DECLARED: tuple[Index, ...] = (
    *access.indexes.INDEXES,
    *jobs.indexes.INDEXES,
    *memory.indexes.INDEXES,
    *scanner.indexes.INDEXES,
)


def ensure_all(database: Database[Document]) -> None:
    """Create what is missing.

    Raises:
        StorageError: One is there with other keys or options.
    """
    indexes.ensure(database, DECLARED)


def states(database: Database[Document], *, repair: bool) -> list[IndexState]:
    """How each stands; with `repair`, those that were mended."""
    return indexes.repair(database, DECLARED) if repair else indexes.inspect(database, DECLARED)
