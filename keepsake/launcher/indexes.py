"""All declared indexes, and where each stands."""

from pymongo.database import Database

from keepsake.parts import declared_indexes, job_types
from keepsake.storage import indexes
from keepsake.storage.indexes import IndexState
from keepsake.storage.mongo import Document


def ensure_all(database: Database[Document]) -> None:
    """Create what is missing.

    Raises:
        StorageError: One is there with other keys or options.
    """
    indexes.ensure(database, declared_indexes(job_types()))


def states(database: Database[Document], *, repair: bool) -> list[IndexState]:
    """How each stands; with `repair`, those that were mended."""
    return (
        indexes.repair(database, declared_indexes(job_types()))
        if repair
        else indexes.inspect(database, declared_indexes(job_types()))
    )
