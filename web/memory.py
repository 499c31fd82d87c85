"""`/v2/memory`: accepted at once, done in the background."""

from typing import Annotated

from fastapi import APIRouter, status
from pydantic import Field

from jobs import keys
from jobs.job import NewJob
from jobs.policy import JobType
from memory.models import Scope, Turn
from web.auth import Caller
from web.dependencies import IdempotencyKey, Submit
from web.schemas import JobView

router = APIRouter(prefix="/v2/memory", tags=["memory"])

UserId = Annotated[str, Field(max_length=256, pattern=r"^[\w.\-@]*$")]


class Ingest(Turn):
    """One turn to remember, for one of the owner's users."""

    user_id: UserId = Field(default="", description="Whose memory; the owner's own when empty")


def scope_of(owner: str, user_id: str) -> Scope:
    """Whose memories are meant; XMem's own client leaves the user out."""
    return Scope(owner, user_id or owner)


@router.post("/ingest", status_code=status.HTTP_202_ACCEPTED)
async def ingest(
    body: Ingest,
    caller: Caller,
    submit: Submit,
    idempotency_key: IdempotencyKey = None,
) -> JobView:
    """Accept a turn.

    When this answers 202 the job is on disk on a majority of the database's members; if the broker
    is away, the relay rings for the job later.
    """
    scope = scope_of(caller.owner, body.user_id)
    new = NewJob(
        type=JobType.MEMORY_INGEST,
        owner=caller.owner,
        payload={**body.model_dump(), "user_id": scope.user_id},
        key=idempotency_key,
        lane=keys.lane("memory", scope.owner, scope.user_id),
    )
    return await submit.submit(new)
