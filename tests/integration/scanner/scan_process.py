"""A worker to kill: scans a repository and saves its checkpoint after each step."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from keepsake.scanner.models import ScanRequest
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.stages import ScanTools, enriching, fetching
from keepsake.storage.mongo import Unfenced, connect

SAVED = "test_checkpoints"


class LetterPairs:
    """Texts that share pairs of letters are near; costs nothing to load."""

    def embed(self, texts):
        rows = np.zeros((len(texts), 32), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for first, second in pairwise(text.lower()):
                row[(ord(first) * 31 + ord(second)) % 32] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def work(url: str, mirrors: str, steps, permits) -> None:
    """Send each stage's name through a pipe when a step of it is done and saved.

    Before the next step something has to come through the other pipe.
    """
    fetching.BATCH_ROWS, enriching.EMBED_BATCH, enriching.PART_TEXTS = 20, 8, 8
    settings = ScannerSettings(
        scan_cache_path=Path(mirrors), scan_protocols=frozenset({"file"}), scan_batch_files=3,
        scan_parsers=1,
    )  # fmt: skip
    database = connect()
    tools = ScanTools(database, settings, ParserPool(settings), LetterPairs(), "pairs")
    saved = database[SAVED].find_one({"_id": url}) or {}
    scan = Scan(tools, "ann", ScanRequest(url=url), fence=Unfenced())
    for step in scan.steps(saved.get("state")):
        if step.settled:
            database[SAVED].replace_one({"_id": url}, {"state": step.state}, upsert=True)
        steps.send(step.progress.stage)
        permits.recv()
    tools.parsers.close()
