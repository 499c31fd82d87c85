"""The type's own route. A path below `/v2/thumbnails` needs a key with the scope `thumbnails`."""

from fastapi import APIRouter, Response

from keepsake.jobs import NewJob
from thumbnails.job_types import THUMBNAILS, Picture
from web import SUBMITS, SubmissionDep, SubmitRoute

router = APIRouter(prefix="/v2/thumbnails", tags=["thumbnails"], route_class=SubmitRoute)


@router.post("", **SUBMITS)
async def make(body: Picture, submission: SubmissionDep) -> Response:
    """Accept a picture; its thumbnails are made in the background."""
    return await submission.respond(
        NewJob(
            type=THUMBNAILS.name,
            owner=submission.caller.owner,
            payload=body.model_dump(),
            key=submission.key,
        )
    )
