"""The job types of memory: turns, facts by hand, conversations, exports, uploads, new vectors."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from keepsake.jobs import JobType, Limits, Migration, Priority, Queue, migration_type
from keepsake.memory.storing.documents import MEMORIES
from keepsake.memory.turn import StatedFact, Turn

MEMORY_QUEUE = Queue("keepsake.memory", overflow=True)
_SCOPE = "memory"
_UNDO = "keepsake.memory.work:undo"
_WARM_UP = "keepsake.memory.work:warm_up"


class IngestPayload(Turn):
    """A turn, and which of the owner's users it is about."""

    user_id: str


class FactPayload(StatedFact):
    """A fact by hand, and which of the owner's users it is about."""

    user_id: str


class BatchPayload(BaseModel):
    """Turns, each with its user. One that does not fit fails alone, so they are read one by one."""

    model_config = ConfigDict(hide_input_in_errors=True)

    items: list[Any]


class ScrapePayload(BaseModel):
    """A shared conversation, by its link or as a text, and which of the owner's users had it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    url: str = ""
    transcript: str = ""
    user_name: str = ""
    user_id: str


class ImportPayload(BaseModel):
    """The lines of an export, and which of the owner's users they are to be of."""

    model_config = ConfigDict(hide_input_in_errors=True)

    export: str
    user_id: str


class EmbedPayload(BaseModel):
    """Which of the owner's users gets new vectors, and of which model."""

    model_config = ConfigDict(hide_input_in_errors=True)

    user_id: str
    model: str


class UploadPayload(BaseModel):
    """An upload: where it is kept, who is the user in it, and whose memory it is for."""

    model_config = ConfigDict(hide_input_in_errors=True)

    spool_id: str
    user_name: str = ""
    user_id: str


INGEST = JobType(
    name="memory.ingest",
    queue=MEMORY_QUEUE,
    payload=IngestPayload,
    work="keepsake.memory.work:ingest",
    warm_up=_WARM_UP,
    limits=Limits(max_attempts=8, attempt_seconds=120, total_seconds=86_400, slice_seconds=20),
    scope=_SCOPE,
    stores=True,
    subjects=("user_id",),
    undo=_UNDO,
    # A later statement counts more than an earlier one. Nothing outside is waited for: when no
    # language model answers, the rules read the turn.
    may_be_overtaken=False,
)
FACT = JobType(
    name="memory.fact",
    queue=MEMORY_QUEUE,
    payload=FactPayload,
    work="keepsake.memory.work:state_fact",
    warm_up=_WARM_UP,
    limits=Limits(max_attempts=8, attempt_seconds=120, total_seconds=86_400, slice_seconds=20),
    scope=_SCOPE,
    stores=True,
    subjects=("user_id",),
    undo=_UNDO,
    may_be_overtaken=False,  # as for a turn
)
BATCH_INGEST = JobType(
    name="memory.batch_ingest",
    queue=MEMORY_QUEUE,
    payload=BatchPayload,
    work="keepsake.memory.work:batch_ingest",
    warm_up=_WARM_UP,
    limits=Limits(max_attempts=8, attempt_seconds=600, total_seconds=86_400, slice_seconds=20),
    scope=_SCOPE,
    stores=True,
    subjects=("items.user_id",),
    undo=_UNDO,
    may_be_overtaken=False,  # as for one turn
    priority=Priority.BULK,
)
SCRAPE = JobType(
    name="memory.scrape",
    queue=MEMORY_QUEUE,
    payload=ScrapePayload,
    work="keepsake.memory.work:scrape",
    warm_up=_WARM_UP,
    limits=Limits(max_attempts=6, attempt_seconds=120, total_seconds=86_400, slice_seconds=20),
    scope=_SCOPE,
    stores=True,
    subjects=("user_id",),
    undo=_UNDO,
    # A link's host may be away for a day, in which the user goes on talking. Its turns were said
    # before that, and are judged so whenever they are read.
    may_be_overtaken=True,
    priority=Priority.BULK,
)
IMPORT = JobType(
    name="memory.import",
    queue=MEMORY_QUEUE,
    payload=ImportPayload,
    work="keepsake.memory.work:restore",
    warm_up=_WARM_UP,
    limits=Limits(max_attempts=8, attempt_seconds=600, total_seconds=86_400, slice_seconds=20),
    scope=_SCOPE,
    stores=True,
    subjects=("user_id",),
    may_be_overtaken=False,  # what is said later is judged by what was restored
    priority=Priority.BULK,
)
EMBED = JobType(
    name="memory.embed",
    queue=MEMORY_QUEUE,
    payload=EmbedPayload,
    work="keepsake.memory.work:embed",
    warm_up=_WARM_UP,
    limits=Limits(max_attempts=8, attempt_seconds=600, total_seconds=604_800, slice_seconds=20),
    scope=_SCOPE,
    subjects=("user_id",),
    undo_hint="Only vectors were made anew; change the model back, and they are again.",
    may_be_overtaken=True,
    priority=Priority.BULK,
)
"""Nobody posts it: the first search after a change of the model asks for it."""
UPLOAD = JobType(
    name="memory.upload",
    queue=MEMORY_QUEUE,
    payload=UploadPayload,
    work="keepsake.memory.uploading:remember_upload",
    warm_up=_WARM_UP,
    # A slice reads the upload again up to where it was.
    limits=Limits(max_attempts=8, attempt_seconds=600, total_seconds=7 * 86_400, slice_seconds=60),
    scope=_SCOPE,
    stores=True,
    subjects=("user_id",),
    undo=_UNDO,
    may_be_overtaken=True,  # as for a shared conversation
    priority=Priority.BULK,
)
MIGRATE_MODELS = migration_type(
    "memory.migrate_models",
    MEMORY_QUEUE,
    Migration(
        collection=MEMORIES,
        former={"embedded_by": None},
        change="keepsake.memory.storing.documents:with_model",
        former_indexes=(f"{MEMORIES}.by_closing", f"{MEMORIES}.valid"),
    ),
)
"""Vectors of before there was a choice of models did not say theirs."""
