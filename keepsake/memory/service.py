"""The memory package's parts over one database."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from pymongo.database import Database

from keepsake.inference import (
    DIMENSIONS,
    E5,
    E5_ONNX,
    MINILM,
    Embedder,
    EmbeddingModel,
    LanguageModel,
    LlmSettings,
    shared_embedder,
)
from keepsake.jobs import Resources
from keepsake.memory.batch import Batch
from keepsake.memory.domains.registry import MODEL_DOMAINS
from keepsake.memory.extraction import Extractor, PriorTurn, Surroundings
from keepsake.memory.models import ConfirmedTurn, Kind, MemoryScope
from keepsake.memory.pipeline import Pipeline, Rules, TurnReader, WithModel
from keepsake.memory.prompting.context import PromptContexts
from keepsake.memory.reembedding import Reembedding, ReembeddingJobs
from keepsake.memory.searching.index_cache import Atlas, MemoryReader
from keepsake.memory.searching.retrieve import Retrieval
from keepsake.memory.searching.search import MemoryQuery, Search
from keepsake.memory.searching.sessions import GAP_SECONDS
from keepsake.memory.searching.timeline import MemoryTimeline
from keepsake.memory.settings import MemorySettings
from keepsake.memory.storing.archive import Archive, Changes
from keepsake.memory.storing.kept_replies import KeptReplies
from keepsake.memory.storing.repository import MemoryRepository
from keepsake.memory.storing.restoring import Restoring
from keepsake.memory.storing.spools import Spools
from keepsake.memory.storing.undo import Undo
from keepsake.memory.storing.usage import MemoryUsage
from keepsake.memory.storing.users import UserDirectory
from keepsake.memory.storing.weave import TurnOrigin
from keepsake.storage import Document

_SHOWN, _LOOKED_BACK = 12, 24
_log = logging.getLogger("keepsake.memory")


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
    restoring: Restoring
    timeline: MemoryTimeline
    users: UserDirectory
    contexts: PromptContexts
    reembedding: Reembedding
    spools: Spools
    usage: MemoryUsage

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
        embedder = embedder or Embedder(embedding_model(settings))
        repository = MemoryRepository(database)
        server = _server(database, settings)
        reader = MemoryReader(database)
        again = ReembeddingJobs(database, embedder.model.name)
        search = Search(reader, embedder, settings.search_cache_bytes, server, again.ask)
        replies = KeptReplies(database, settings.llm_replies_kept_seconds)
        model = LanguageModel(llm) if llm.endpoints else None
        pipeline = Pipeline(
            repository, embedder, _reader(model, llm, replies, _Around(search, reader))
        )
        return cls(
            pipeline=pipeline,
            batch=Batch(pipeline),
            search=search,
            retrieval=Retrieval(search, embedder, model),
            archive=Archive(database),
            changes=Changes(database, repository, embedder),
            undo=Undo(database),
            restoring=Restoring(database, embedder),
            timeline=MemoryTimeline(search, reader),
            users=UserDirectory(database),
            contexts=PromptContexts(search, reader),
            reembedding=Reembedding(database, embedder),
            spools=Spools(database),
            usage=MemoryUsage(database),
        )


def memory_service(resources: Resources) -> MemoryService:
    """The memory service of a process."""
    return MemoryService.over(resources.database, embedder=resources.of(_embedder))


def _embedder(resources: Resources) -> Embedder:
    """The one of the whole process, where its model is the one that is set."""
    model = embedding_model(MemorySettings())
    _log.info("memory.embedding", extra={"model": model.name, "runtime": model.runtime})
    return resources.of(shared_embedder) if model is MINILM else Embedder(model)


def embedding_model(settings: MemorySettings) -> EmbeddingModel:
    """The model that memories are embedded by."""
    e5 = E5_ONNX if settings.embedding_runtime == "onnx" else E5
    if settings.embedding_model == "auto":
        return e5 if e5.is_installed else MINILM
    return e5 if settings.embedding_model == e5.name else MINILM


def _server(database: Database[Document], settings: MemorySettings) -> Atlas | None:
    if settings.vector_search == "local":
        return None
    atlas = Atlas(database, settings.vector_index)
    atlas.require(DIMENSIONS)
    return atlas


class _Around:
    """What a language model is shown beside a turn: memories near it, and the turns before."""

    def __init__(self, search: Search, reader: MemoryReader) -> None:
        self._search = search
        self._reader = reader

    def look(self, scope: MemoryScope, origin: TurnOrigin) -> Surroundings:
        """Those of a turn of a user."""
        near = MemoryQuery(
            query=origin.turn.user_query[:5_000], kinds=(Kind.MEMORY,), domains=MODEL_DOMAINS,
            top_k=_SHOWN,
        )  # fmt: skip
        known = [(hit.id, hit.content) for hit in self._search.find(scope, near)]
        turns = self._reader.latest_turns(scope, _LOOKED_BACK)[::-1]
        before = sorted(
            (turn for turn in turns if _is_before(turn, origin)), key=lambda turn: turn["said_at"]
        )
        return Surroundings(known, [_prior(turn) for turn in before])

    def last(self, scope: MemoryScope, origin: TurnOrigin) -> PriorTurn | None:
        """The turn before one, of its session, however long ago."""
        turns = self._reader.latest_turns(scope, _LOOKED_BACK)
        before = [turn for turn in turns if turn["said_at"] <= origin.said_at
                  and turn["session_id"] == origin.turn.session_id
                  and turn["_id"] != origin.turn_id]  # fmt: skip
        return _prior(max(before, key=lambda turn: turn["said_at"])) if before else None


def _is_before(turn: Document, origin: TurnOrigin) -> bool:
    """Whether a turn belongs to what was said before another: of its session, or just before."""
    since = origin.said_at - turn["said_at"]
    named = origin.turn.session_id
    within = since >= timedelta() and (named or since.total_seconds() <= GAP_SECONDS)
    return bool(within) and turn["session_id"] == named and turn["_id"] != origin.turn_id


def _prior(turn: Document) -> PriorTurn:
    source = ConfirmedTurn(turn["_id"], turn["source_id"])
    return PriorTurn(source, turn["content"], turn["response"])


def _reader(
    model: LanguageModel | None, llm: LlmSettings, replies: KeptReplies, around: _Around
) -> TurnReader:
    if model is None:
        return Rules(around.last)
    viewer = LanguageModel(llm.for_vision()) if llm.vision_model else None
    return WithModel(Extractor(model, viewer), around.look, replies)
