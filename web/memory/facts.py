"""`POST /v2/memory/memories`: a fact by hand, accepted at once and judged later."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from keepsake.jobs import NewJob
from keepsake.memory import FACT, StatedFact
from web.job_options import OPTIONS, PriorityOption
from web.memory.turns import WHOSE, UserId, lane_of, scope_of
from web.problems import misfit
from web.submission import STORES, SubmissionDep, SubmitRoute

router = APIRouter(prefix="/v2/memory", tags=["memories"], route_class=SubmitRoute)
_APART = timedelta(minutes=5)
"""How far a client's clock may be ahead of ours."""


class NewFact(StatedFact, PriorityOption):
    """A fact by hand, for one of the owner's users."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    user_id: UserId = Field(default="", description=WHOSE)


@router.post("/memories", **STORES)
async def state(body: NewFact, submission: SubmissionDep) -> Response:
    """Accept a fact by hand.

    It is judged as what a turn says: it takes the place of another value of its attribute, and
    what is known already stays. Its job says which memories began, and undoes them.
    """
    if body.valid_from is not None and body.valid_from > datetime.now(UTC) + _APART:
        raise misfit("body", "/valid_from", "It may not be later than now")
    scope = scope_of(submission.caller.owner, body.user_id)
    payload = {**body.model_dump(mode="json", exclude=OPTIONS), "user_id": scope.user_id}
    # The same may be stated again after something else was: an ended job does not answer for it.
    new = NewJob(type=FACT.name, owner=scope.owner, payload=payload, key=submission.key,
                 lane=lane_of(scope), anew=True)  # fmt: skip
    return await submission.respond(new, body)
