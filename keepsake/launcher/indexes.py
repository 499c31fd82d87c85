"""All declared indexes, and where each stands."""

from pymongo.database import Database

from keepsake.storage import indexes
from keepsake.storage.indexes import IndexState
from keepsake.storage.mongo import Document
from middleware.indexes import DECLARED


def ensure_all(database: Database[Document]) -> None:
    """Create what is missing.

    Raises:
        StorageError: One is there with other keys or options.
    """
    indexes.ensure(database, DECLARED)


def states(database: Database[Document], *, repair: bool) -> list[IndexState]:
    """How each stands; with `repair`, those that were mended."""
    return indexes.repair(database, DECLARED) if repair else indexes.inspect(database, DECLARED)
