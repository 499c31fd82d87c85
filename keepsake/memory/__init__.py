"""What users said becomes memories that can be found: a pipeline of plain functions, and search."""

import os
from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.memory.batch import Item, Outcome, batch_items
    from keepsake.memory.domains.registry import DOMAINS, DomainName
    from keepsake.memory.errors import (
        Contended,
        NoSuchMemory,
        NoTurns,
        NoVectorSearch,
    )
    from keepsake.memory.importing.reading import turns_of_messages
    from keepsake.memory.job_types import (
        BATCH_INGEST,
        EMBED,
        FACT,
        IMPORT,
        INGEST,
        MEMORY_QUEUE,
        MIGRATE_MODELS,
        SCRAPE,
        UPLOAD,
        IngestPayload,
    )
    from keepsake.memory.models import Domain, Kind, MemoryScope
    from keepsake.memory.pipeline import envelope
    from keepsake.memory.searching.hits import MemoryHit
    from keepsake.memory.searching.search import MemoryQuery
    from keepsake.memory.searching.timeline import TimelineEntry, TimelineKind, TimelineMark
    from keepsake.memory.service import MemoryService, embedding_model, memory_service
    from keepsake.memory.settings import MemorySettings
    from keepsake.memory.shared_links import Scraper, Transcript, read_transcript
    from keepsake.memory.storing.documents import (
        INDEXES,
        MEMORIES,
        RECORD_SCHEMAS,
        USERS,
        changed_user,
    )
    from keepsake.memory.storing.spools import PIECE_BYTES, Spool, sweeping
    from keepsake.memory.storing.undo import Effect, Undo
    from keepsake.memory.storing.usage import recounting
    from keepsake.memory.tags import METADATA_CHARACTERS, USER_ID, TurnTags, metadata_of
    from keepsake.memory.turn import PlainTurn, StatedFact, Turn
    from keepsake.memory.work import ingest

# Workers bring their own threads. OpenBLAS's would fight over the cores and spin while they wait.
# It reads this once, when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__all__ = [
    "BATCH_INGEST",
    "DOMAINS",
    "EMBED",
    "FACT",
    "IMPORT",
    "INDEXES",
    "INGEST",
    "MEMORIES",
    "MEMORY_QUEUE",
    "METADATA_CHARACTERS",
    "MIGRATE_MODELS",
    "PIECE_BYTES",
    "RECORD_SCHEMAS",
    "SCRAPE",
    "UPLOAD",
    "USERS",
    "USER_ID",
    "Contended",
    "Domain",
    "DomainName",
    "Effect",
    "IngestPayload",
    "Item",
    "Kind",
    "MemoryHit",
    "MemoryQuery",
    "MemoryScope",
    "MemoryService",
    "MemorySettings",
    "NoSuchMemory",
    "NoTurns",
    "NoVectorSearch",
    "Outcome",
    "PlainTurn",
    "Scraper",
    "Spool",
    "StatedFact",
    "TimelineEntry",
    "TimelineKind",
    "TimelineMark",
    "Transcript",
    "Turn",
    "TurnTags",
    "Undo",
    "batch_items",
    "changed_user",
    "embedding_model",
    "envelope",
    "ingest",
    "memory_service",
    "metadata_of",
    "read_transcript",
    "recounting",
    "sweeping",
    "turns_of_messages",
]

_HOMES = {
    "batch": ("Item", "Outcome", "batch_items"),
    "domains.registry": ("DOMAINS", "DomainName"),
    "errors": (
        "Contended", "NoSuchMemory", "NoTurns", "NoVectorSearch",
    ),
    "importing.reading": ("turns_of_messages",),
    "job_types": (
        "BATCH_INGEST", "EMBED", "FACT", "IMPORT", "INGEST", "IngestPayload", "MEMORY_QUEUE",
        "MIGRATE_MODELS", "SCRAPE", "UPLOAD",
    ),
    "models": ("Domain", "Kind", "MemoryScope"),
    "pipeline": ("envelope",),
    "searching.hits": ("MemoryHit",),
    "searching.search": ("MemoryQuery",),
    "searching.timeline": ("TimelineEntry", "TimelineKind", "TimelineMark"),
    "service": ("MemoryService", "embedding_model", "memory_service"),
    "settings": ("MemorySettings",),
    "shared_links": ("Scraper", "Transcript", "read_transcript"),
    "storing.documents": ("INDEXES", "MEMORIES", "RECORD_SCHEMAS", "USERS", "changed_user"),
    "storing.spools": ("PIECE_BYTES", "Spool", "sweeping"),
    "storing.undo": ("Effect", "Undo"),
    "storing.usage": ("recounting",),
    "tags": ("METADATA_CHARACTERS", "TurnTags", "USER_ID", "metadata_of"),
    "turn": ("PlainTurn", "StatedFact", "Turn"),
    "work": ("ingest",),
}  # fmt: skip
__getattr__ = lazily(__name__, {name: home for home, names in _HOMES.items() for name in names})
