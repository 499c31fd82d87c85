"""When to come back: `Retry-After` from what is known of a job."""

import math
import random
from datetime import UTC, datetime

from keepsake.jobs.job import Job
from keepsake.jobs.states import ENDED, State

_LONGEST_SECONDS = 30
_AGE_SHARE = 0.2


def retry_after(job: Job) -> str:
    """Seconds until it is worth asking again.

    A retry is not worth asking for before it is due; else a fifth of the job's age, so that long
    jobs are not asked about every second.
    """
    now = datetime.now(UTC)
    if job.state is State.RETRYING:
        wait = (job.record["run_at"] - now).total_seconds()
    else:
        wait = (now - job.record["created_at"]).total_seconds() * _AGE_SHARE
    return str(min(max(math.ceil(wait), 1), _LONGEST_SECONDS))


def paced(job: Job) -> dict[str, str]:
    """The header of an answer that a job may still change; none once it has ended."""
    return {} if job.state in ENDED else {"Retry-After": retry_after(job)}


def after_outage() -> str:
    """Seconds to wait for a server that is away; spread, so that not all come at once."""
    return str(random.randint(1, 4))  # noqa: S311
