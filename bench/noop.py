"""A worker whose actors do nothing: what is measured is the engine."""

import os
import time
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from actors import process
from bench.peers.request import started
from keepsake.jobs import Attempt, JobType, Registry
from keepsake.memory import INGEST

WORK_SECONDS = float(os.environ.get("BENCH_WORK_MS", "0")) / 1000


class Anything(BaseModel, extra="allow"):
    """A payload that is not looked at."""


def nothing(attempt: Attempt, _payload: Anything, _resources: object) -> None:
    """Do nothing, for BENCH_WORK_MS milliseconds if that is set."""
    started(attempt.payload)
    if WORK_SECONDS:
        time.sleep(WORK_SECONDS)


ingest: JobType[Any] = INGEST
process.start(Registry([replace(ingest, work=nothing, warm_up=None, payload=Anything)]))
