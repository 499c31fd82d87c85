"""The memory package's parts over one database."""

from dataclasses import dataclass

from pymongo.database import Database

from keepsake.inference import DIMENSIONS, Embedder, LanguageModel, LlmSettings, shared_embedder
from keepsake.jobs import Resources
from keepsake.memory.batch import Batch
from keepsake.memory.domains.registry import MODEL_DOMAINS
from keepsake.memory.extraction import Extractor
from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.pipeline import Pipeline, Rules, TurnReader, WithModel
from keepsake.memory.searching.index_cache import Atlas, MemoryReader
from keepsake.memory.searching.retrieve import Retrieval
from keepsake.memory.searching.search import MemoryQuery, Search
from keepsake.memory.settings import MemorySettings
from keepsake.memory.storing.archive import Archive, Changes
from keepsake.memory.storing.kept_replies import KeptReplies
from keepsake.memory.storing.repository import MemoryRepository
from keepsake.memory.storing.undo import Undo
from keepsake.storage import Document

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class MemoryService:
    """What web and workers use."""

    pipeline: Pipeline
    batch: Batch
    search: Search
    retrieval: Retrieval
    archive: Archive
    changes: Changes
    undo: Undo

    @classmethod
    def over(
        cls,
        database: Database[Document],
        settings: MemorySettings | None = None,
        llm: LlmSettings | None = None,
        embedder: Embedder | None = None,
    ) -> "MemoryService":
        """Build it; the embedding model is loaded at its first use.

        Raises:
            NoVectorSearch: The settings ask for it and MongoDB has none.
            StorageUnavailable: They ask for it and MongoDB does not answer.
        """
        settings, llm = settings or MemorySettings(), llm or LlmSettings()
        repository, embedder = MemoryRepository(database), embedder or Embedder()
        server = _server(database, settings)
        search = Search(MemoryReader(database), embedder, settings.search_cache_bytes, server)
        replies = KeptReplies(database)
        model = LanguageModel(llm) if llm.endpoints else None
        pipeline = Pipeline(repository, embedder, _reader(model, llm, replies, search))
        return cls(
            pipeline=pipeline,
            batch=Batch(pipeline),
            search=search,
            retrieval=Retrieval(search, embedder, model),
            archive=Archive(database),
            changes=Changes(database, repository, embedder),
            undo=Undo(database),
        )


def memory_service(resources: Resources) -> MemoryService:
    """The memory service of a process."""
    return MemoryService.over(resources.database, embedder=resources.of(shared_embedder))


def _server(database: Database[Document], settings: MemorySettings) -> Atlas | None:
    if settings.vector_search == "local":
        return None
    atlas = Atlas(database, settings.vector_index)
    atlas.require(DIMENSIONS)
    return atlas


def _reader(
    model: LanguageModel | None, llm: LlmSettings, replies: KeptReplies, search: Search
) -> TurnReader:
    if model is None:
        return Rules()

    def recall(scope: MemoryScope, text: str) -> list[tuple[str, str]]:
        near = MemoryQuery(
            query=text[:5_000], kinds=(Kind.MEMORY,), domains=MODEL_DOMAINS, top_k=_SHOWN
        )
        return [(hit.id, hit.content) for hit in search.find(scope, near)]

    viewer = LanguageModel(llm.for_vision()) if llm.vision_model else None
    return WithModel(Extractor(model, viewer), recall, replies)
