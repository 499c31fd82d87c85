"""All declared indexes, and where each stands."""

from pymongo.database import Database

from middleware.indexes import DECLARED
from storage import indexes
from storage.indexes import IndexState
from storage.mongo import Document


def ensure_all(database: Database[Document]) -> None:
    """Create what is missing.

    Raises:
        StorageError: One is there with other keys or options.
    """
    indexes.ensure(database, DECLARED)


def states(database: Database[Document], *, repair: bool) -> list[IndexState]:
    """How each stands; with `repair`, those that were mended."""
    return indexes.repair(database, DECLARED) if repair else indexes.inspect(database, DECLARED)
