"""Which settings each kind of process reads, all of them at its start."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from jobs.settings import JobSettings
from jobs.vault import VaultSettings
from memory.llm.settings import LlmSettings
from memory.settings import MemorySettings
from middleware.broker import BrokerSettings
from middleware.metrics import MetricsSettings
from scanner.settings import ScannerSettings
from storage import private
from storage.mongo import MongoSettings
from storage.settings import Settings, explained

WORKER: tuple[type[Settings], ...] = (
    BrokerSettings, JobSettings, LlmSettings, MemorySettings, MetricsSettings, MongoSettings,
    ScannerSettings, VaultSettings,
)  # fmt: skip
"""The web server reads these too, and its own."""
COUNTERS = "PROMETHEUS_MULTIPROC_DIR"


def require(kinds: Iterable[type[Settings]]) -> None:
    """Read settings, and look at the directories that they name, before anything is done.

    Raises:
        SystemExit: One line says what is wrong and how to mend it.
    """
    try:
        for kind in kinds:
            kind()
        private.directory(ScannerSettings().scan_cache_path)
        if counters := os.environ.get(COUNTERS):
            private.directory(Path(counters))
    except ValidationError as error:
        sys.exit(f"keepsake: {explained(error)}")
    except private.NotPrivate as error:
        sys.exit(f"keepsake: {error}")
