"""The types of job, and for each its queue, limits, backoff and slices."""

from dataclasses import dataclass
from enum import StrEnum


class JobType(StrEnum):
    """What is to be done; one actor each."""

    MEMORY_INGEST = "memory.ingest"
    MEMORY_BATCH_INGEST = "memory.batch_ingest"
    MEMORY_SCRAPE = "memory.scrape"
    SCANNER_SCAN = "scanner.scan"


MEMORY_QUEUE = "keepsake.memory"
SCANNER_QUEUE = "keepsake.scanner"
QUEUES = (MEMORY_QUEUE, SCANNER_QUEUE)
OVERFLOW = {MEMORY_QUEUE: "keepsake.memory.overflow"}
"""Where the rings of an owner wait who has rung for many jobs already; workers look there last.

Short jobs only: a scan hands back after a slice, and few wait at a time.
"""
_FRONT = {behind: front for front, behind in OVERFLOW.items()}


def front(queue: str) -> str:
    """The queue that an overflow queue belongs to; any other is its own."""
    return _FRONT.get(queue, queue)


@dataclass(frozen=True, slots=True)
class Policy:
    """How jobs of one type are run.

    attempt_seconds bounds one claimed execution, total_seconds the job's life until it is given
    up; a slice hands the job back after slice_seconds at its next checkpoint. Backoff before the
    n-th retry is drawn from 0 to min(backoff_max_seconds, backoff_base_seconds * 2**n); an outage
    counts its own, and bounds the job by total_seconds alone. A job that waits for its retry keeps
    its place in its lane, unless it may be `overtaken`: then those that are accepted before it is
    due run first.
    """

    queue: str
    max_attempts: int
    attempt_seconds: float
    total_seconds: float
    slice_seconds: float
    backoff_base_seconds: float = 2
    backoff_max_seconds: float = 600
    overtaken: bool = False


POLICIES: dict[str, Policy] = {
    # A later statement counts more than an earlier one. Nothing outside is waited for: when no
    # language model answers, the rules read the turn.
    JobType.MEMORY_INGEST: Policy(
        queue=MEMORY_QUEUE,
        max_attempts=8,
        attempt_seconds=120,
        total_seconds=86_400,
        slice_seconds=20,
        overtaken=False,
    ),
    # As for one turn.
    JobType.MEMORY_BATCH_INGEST: Policy(
        queue=MEMORY_QUEUE,
        max_attempts=8,
        attempt_seconds=600,
        total_seconds=86_400,
        slice_seconds=20,
        overtaken=False,
    ),
    # A link's host may be away for a day, in which the user goes on talking. Its turns were said
    # before that, and are judged so whenever they are read.
    JobType.MEMORY_SCRAPE: Policy(
        queue=MEMORY_QUEUE,
        max_attempts=6,
        attempt_seconds=120,
        total_seconds=86_400,
        slice_seconds=20,
        overtaken=True,
    ),
    # A scan builds upon the one before it, and those of one repository wait for the same host.
    JobType.SCANNER_SCAN: Policy(
        queue=SCANNER_QUEUE,
        max_attempts=6,
        attempt_seconds=1_500,  # a fetch is one step; RabbitMQ takes a ring back after 1,800
        total_seconds=7 * 86_400,
        slice_seconds=30,
        overtaken=False,
    ),
}
