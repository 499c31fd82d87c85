"""The memory package's parts over one database."""

from dataclasses import dataclass

from pymongo.database import Database

from memory.archive import Archive
from memory.changes import Changes
from memory.embedding import Embedder
from memory.pipeline import Pipeline
from memory.repository import Repository
from memory.search import Search
from memory.settings import MemorySettings
from memory.shelf import Shelf
from memory.undo import Undo
from storage.mongo import Document


@dataclass(frozen=True, slots=True)
class MemoryService:
    """What web and workers use."""

    pipeline: Pipeline
    search: Search
    archive: Archive
    changes: Changes
    undo: Undo

    @classmethod
    def over(
        cls, database: Database[Document], settings: MemorySettings | None = None
    ) -> "MemoryService":
        """Build it; the embedding model is loaded at its first use."""
        settings = settings or MemorySettings()
        repository, embedder = Repository(database), Embedder()
        search = Search(Shelf(database), embedder, settings.search_cache_bytes)
        return cls(
            pipeline=Pipeline(repository, embedder),
            search=search,
            archive=Archive(database),
            changes=Changes(database, repository, embedder),
            undo=Undo(database),
        )
