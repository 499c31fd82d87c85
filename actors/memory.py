"""Ingest: what was said becomes memories."""

from functools import cache
from typing import Any

from pydantic import ValidationError

from actors.process import database
from actors.registry import works
from keepsake.jobs.attempt import Attempt
from keepsake.jobs.errors import Misfit, Transient
from keepsake.jobs.policy import JobType
from keepsake.memory.errors import Contended
from keepsake.memory.models import Scope, Turn
from keepsake.memory.service import MemoryService


@cache
def _service() -> MemoryService:
    return MemoryService.over(database())


@works(JobType.MEMORY_INGEST)
def ingest(attempt: Attempt) -> dict[str, Any]:
    """Remember one turn; a second attempt answers what the first has done.

    Raises:
        Misfit: The payload does not fit; no retry can mend it.
        Transient: Other writers kept changing the same user's memories.
    """
    try:
        turn = Turn.model_validate(attempt.payload)
    except ValidationError as error:
        raise Misfit(f"the payload does not fit: {error}") from error
    scope = Scope(attempt.owner, attempt.payload["user_id"])
    try:
        report = _service().pipeline.ingest(
            scope,
            turn,
            job_id=attempt.job_id,
            fence=attempt,
            told_at=attempt.claim.job.accepted_at,
        )
    except Contended as error:
        raise Transient.of(error) from error
    return report.envelope()
