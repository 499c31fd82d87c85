"""The memory package's parts over one database."""

from dataclasses import dataclass

from pymongo.database import Database

from keepsake.inference.embedding import DIMENSIONS, Embedder, shared_embedder
from keepsake.inference.settings import LlmSettings
from keepsake.jobs.resources import Resources
from keepsake.memory.batch import Batch
from keepsake.memory.llm.calls import Calls
from keepsake.memory.llm.extraction import Extractor
from keepsake.memory.llm.model import Model
from keepsake.memory.models import Domain, Kind, Scope
from keepsake.memory.pipeline import Pipeline
from keepsake.memory.readers import Reader, Rules, WithModel
from keepsake.memory.searching.atlas import Atlas
from keepsake.memory.searching.memory_reader import Shelf
from keepsake.memory.searching.retrieve import Retrieval
from keepsake.memory.searching.search import Query, Search
from keepsake.memory.settings import MemorySettings
from keepsake.memory.storing.archive import Archive
from keepsake.memory.storing.changes import Changes
from keepsake.memory.storing.repository import Repository
from keepsake.memory.storing.undo import Undo
from keepsake.storage.mongo import Document

_JUDGED = (Domain.PROFILE, Domain.TEMPORAL)
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
        repository, embedder = Repository(database), embedder or Embedder()
        server = _server(database, settings)
        search = Search(Shelf(database), embedder, settings.search_cache_bytes, server)
        calls = Calls(database)
        model = Model(llm, calls) if llm.endpoints else None
        pipeline = Pipeline(repository, embedder, _reader(model, llm, calls, search))
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


def _reader(model: Model | None, llm: LlmSettings, calls: Calls, search: Search) -> Reader:
    if model is None:
        return Rules()

    def recall(scope: Scope, text: str) -> list[tuple[str, str]]:
        near = Query(query=text[:5_000], kinds=(Kind.MEMORY,), domains=_JUDGED, top_k=_SHOWN)
        return [(hit.metadata["memory_id"], hit.content) for hit in search.find(scope, near)]

    viewer = Model(llm.for_vision(), calls) if llm.vision_model else None
    return WithModel(Extractor(model, viewer), recall)
