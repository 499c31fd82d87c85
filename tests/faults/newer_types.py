"""The job types of the next version: all of this one's, and one more on a queue that both serve."""

from dataclasses import replace

from pydantic import BaseModel

from keepsake.jobs.job_types import JobType, Registry
from keepsake.memory.job_types import INGEST, MEMORY_QUEUE
from keepsake.parts import job_types


class Anything(BaseModel, extra="allow"):
    """A payload that is not looked at."""


FUTURE = "memory.future"
NEWER = Registry(
    [
        *job_types().values(),
        JobType(
            name=FUTURE,
            queue=MEMORY_QUEUE,
            payload=Anything,
            work=lambda *_: None,
            limits=replace(INGEST.limits, max_attempts=3),
            scope="memory",
        ),
    ]
)
