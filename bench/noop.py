"""A worker whose actors do nothing: what is measured is the engine."""

from actors import process

process.start()

from actors.registry import works  # noqa: E402 - actors register with the broker set above
from jobs.attempt import Attempt  # noqa: E402
from jobs.policy import JobType  # noqa: E402


@works(JobType.MEMORY_INGEST)
def nothing(attempt: Attempt) -> None:
    """Do nothing."""
