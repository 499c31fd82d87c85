"""Values that tests need, with defaults for what they do not care about."""

from typing import Any

from keepsake.jobs.engine import Engine
from keepsake.jobs.job import Claim, NewJob
from keepsake.memory.job_types import INGEST


def a_job(**given: Any) -> NewJob:
    """A request for a job."""
    defaults: dict[str, Any] = {
        "type": INGEST.name,
        "owner": "alice",
        "payload": {"user_query": "I live in Paris"},
    }
    return NewJob(**{**defaults, **given})


def claimed(engine: Engine, worker: str = "w1", **given: Any) -> Claim:
    """A job that a worker just claimed."""
    job = engine.acceptance.accept(a_job(**given)).job
    claim = engine.claims.claim(job.lane, worker)
    assert claim is not None
    return claim
