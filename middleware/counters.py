"""What the engine itself does in a worker, counted: claims, leases that were lost, the sweeper."""

from collections.abc import Iterable

from prometheus_client import Counter, Histogram

from keepsake.jobs import State

CLAIMED = Histogram(
    "keepsake_claim_seconds",
    "How long MongoDB took to answer a claim: of a message alone, or of a batch of them",
    ["kind"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
LEASES_LOST = Counter(
    "keepsake_leases_lost", "Attempts that had lost their lease when they ended", ["type"]
)
SWEPT = Counter(
    "keepsake_jobs_swept",
    "Jobs that the sweeper took back from a silent worker or gave up, by their state then",
    ["state"],
)


def begin(types: Iterable[str]) -> None:
    """Let all that is counted begin at 0: what first appears at 1 is no increase to Prometheus."""
    for job_type in types:
        LEASES_LOST.labels(job_type)
    for state in (State.PENDING, State.DEAD_LETTER, State.CANCELLED):
        SWEPT.labels(state)
