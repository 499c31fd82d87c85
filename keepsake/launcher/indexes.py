"""All declared indexes, and where each stands."""

from pymongo.database import Database

from keepsake.parts import declared_indexes, job_types
from keepsake.storage.indexes import IndexState, ensure_indexes, inspect_indexes, repair_indexes
from keepsake.storage.mongo import Document


def ensure_all(database: Database[Document]) -> None:
    """Create what is missing.

    Raises:
        StorageError: One is there with other keys or options.
    """
    ensure_indexes(database, declared_indexes(job_types()))


def states(database: Database[Document], *, repair: bool) -> list[IndexState]:
    """How each stands; with `repair`, those that were mended."""
    return (
        repair_indexes(database, declared_indexes(job_types()))
        if repair
        else inspect_indexes(database, declared_indexes(job_types()))
    )
