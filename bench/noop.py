"""A worker whose actors do nothing: what is measured is the engine."""

import os
import time

from actors import process

process.start()

from actors.registry import works  # noqa: E402 - actors register with the broker set above
from bench.peers.request import started  # noqa: E402
from keepsake.jobs.attempt import Attempt  # noqa: E402
from keepsake.jobs.policy import JobType  # noqa: E402

WORK_SECONDS = float(os.environ.get("BENCH_WORK_MS", "0")) / 1000


@works(JobType.MEMORY_INGEST)
def nothing(attempt: Attempt) -> None:
    """Do nothing, for BENCH_WORK_MS milliseconds if that is set."""
    started(attempt.payload)
    if WORK_SECONDS:
        time.sleep(WORK_SECONDS)
