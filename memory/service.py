"""The memory package's parts over one database."""

from dataclasses import dataclass

from pymongo.database import Database

from memory.embedding import Embedder
from memory.pipeline import Pipeline
from memory.repository import Repository
from memory.search import Search
from storage.mongo import Document


@dataclass(frozen=True, slots=True)
class MemoryService:
    """What web and workers use."""

    pipeline: Pipeline
    search: Search

    @classmethod
    def over(cls, database: Database[Document]) -> "MemoryService":
        """Build it; the embedding model is loaded at its first use."""
        repository, embedder = Repository(database), Embedder()
        return cls(Pipeline(repository, embedder), Search(repository, embedder))
