"""Which settings each kind of process reads, all of them at its start."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from keepsake.inference.settings import LlmSettings
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.vault import VaultSettings
from keepsake.memory.settings import MemorySettings
from keepsake.scanner.settings import ScannerSettings
from keepsake.storage import private
from keepsake.storage.mongo import MongoSettings
from keepsake.storage.settings import Settings, explained
from middleware.broker import BrokerSettings
from middleware.metrics import MetricsSettings

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
