"""The real memory actors in a worker that kills itself with -9 at a stage that a test names."""

import os
import signal

import actors  # noqa: F401 - the real ones start
from keepsake.inference.embedding import Embedder
from keepsake.jobs.claims import Claims
from keepsake.memory import work
from keepsake.memory.pipeline import Rules
from keepsake.memory.storing.kept_replies import KeptStep
from keepsake.memory.storing.repository import MemoryRepository
from keepsake.outbound.fetcher import Fetcher

VARIABLE = "DOOMED_AT"
STAGES = {
    "parsed": (work, "read_transcript"),
    "fetched": (Fetcher, "fetch"),
    "reply kept": (KeptStep, "keep"),
    "read": (Rules, "read"),
    "embedded": (Embedder, "embed"),
    "in the transaction": (Claims, "assert_owned"),
    "woven": (MemoryRepository, "commit"),
    "saved": (Claims, "save"),
}


def arm(stage: str, arrivals: int) -> None:
    """Die at the given arrival at the end of a stage."""
    holder, name = STAGES[stage]
    done, count = getattr(holder, name), [0]

    def dying(*args, **kwargs):
        result = done(*args, **kwargs)
        count[0] += 1
        if count[0] == arrivals:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, name, dying)


if fate := os.environ.get(VARIABLE):
    stage_, _, arrivals_ = fate.partition(":")
    arm(stage_, int(arrivals_))
