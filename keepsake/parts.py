"""All that the service is made of: job types, indexes and settings of every part of it.

Only composition roots import this. The parts themselves do not know of each other.
"""

import os
import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from keepsake.access import ALL_SCOPES, CONTENT, AuditSettings
from keepsake.access import INDEXES as ACCESS
from keepsake.inference import LlmSettings
from keepsake.jobs import (
    ENGINE_INDEXES,
    JobSettings,
    Registry,
    VaultSettings,
    installed_job_types,
    job_indexes,
    migration_type,
)
from keepsake.jobs import RECORD_SCHEMAS as JOB_SCHEMAS
from keepsake.memory import (
    BATCH_INGEST,
    EMBED,
    FACT,
    IMPORT,
    INGEST,
    MEMORY_QUEUE,
    MIGRATE_MODELS,
    SCRAPE,
    UPLOAD,
    USERS,
    MemorySettings,
    changed_user,
)
from keepsake.memory import INDEXES as MEMORY
from keepsake.memory import RECORD_SCHEMAS as MEMORY_SCHEMAS
from keepsake.outbound import OutboundSettings
from keepsake.scanner import INDEXES as SCANNER
from keepsake.scanner import (
    MIGRATE_TRIGRAMS,
    PUBLISHED,
    REPOSITORIES,
    SCAN,
    ScannerSettings,
    published_index,
)
from keepsake.scanner import RECORD_SCHEMAS as SCANNER_SCHEMAS
from keepsake.storage import (
    Index,
    MongoSettings,
    NotPrivate,
    Settings,
    UnknownSetting,
    explained,
    private_directory,
    refuse_unknown,
)
from keepsake.webhooks import DELIVER, JOB_ENDED, EventSource
from keepsake.webhooks import INDEXES as WEBHOOKS
from middleware.broker import BrokerSettings
from middleware.observation import MetricsSettings
from middleware.worker_settings import WorkerSettings

BUILT_IN = (
    INGEST, BATCH_INGEST, FACT, SCRAPE, IMPORT, UPLOAD, EMBED, SCAN, DELIVER,
    migration_type("jobs.migrate_indexes", MEMORY_QUEUE, ENGINE_INDEXES),
    MIGRATE_MODELS, MIGRATE_TRIGRAMS,
)  # fmt: skip
WORKER: tuple[type[Settings], ...] = (
    AuditSettings, BrokerSettings, JobSettings, LlmSettings, MemorySettings, MetricsSettings,
    MongoSettings, OutboundSettings, ScannerSettings, VaultSettings, WorkerSettings,
)  # fmt: skip
"""The settings that a worker reads. The web server reads these too, and its own."""
EVENT_SOURCES = (
    JOB_ENDED,
    EventSource("memory.changed", USERS, "written_at", changed_user),
    EventSource("index.published", PUBLISHED, "current.published_at", published_index, stages=(
        {"$lookup": {"from": REPOSITORIES, "localField": "repository", "foreignField": "_id",
                     "as": "repository"}},
        {"$unwind": "$repository"},
    )),
)  # fmt: skip
"""What webhooks tell of."""
COUNTERS = "PROMETHEUS_MULTIPROC_DIR"
RECORD_SCHEMAS = {**JOB_SCHEMAS, **MEMORY_SCHEMAS, **SCANNER_SCHEMAS}
"""The schema of the records of each collection, where it is not the first one."""


@cache
def job_types() -> Registry:
    """The job types of this service, and those of installed packages."""
    return Registry((*BUILT_IN, *installed_job_types()))


def declared_indexes(types: Registry) -> tuple[Index, ...]:
    """All indexes that the stores declare."""
    return (*ACCESS, *job_indexes(types), *MEMORY, *SCANNER, *WEBHOOKS)


def key_scopes(types: Registry) -> tuple[str, ...]:
    """What keys can be held to: what job types need, and the rest of the service."""
    return tuple(dict.fromkeys((*ALL_SCOPES, *types.scopes, CONTENT)))


def check(kinds: Collection[type[Settings]]) -> None:
    """Read settings, and look at the directories that they name.

    Raises:
        UnknownSetting: A variable of the environment is no setting.
        ValidationError: One has a value that it may not have.
        NotPrivate: Others may change what is in a directory.
    """
    refuse_unknown(kinds)
    for kind in kinds:
        kind()
    private_directory(ScannerSettings().scan_cache_path)
    if counters := os.environ.get(COUNTERS):
        private_directory(Path(counters))


def require(kinds: Collection[type[Settings]]) -> None:
    """Check settings before anything is done.

    Raises:
        SystemExit: One line says what is wrong and how to mend it.
    """
    try:
        check(kinds)
    except ValidationError as error:
        sys.exit(f"keepsake: {explained(error)}")
    except (NotPrivate, UnknownSetting) as error:
        sys.exit(f"keepsake: {error}")
