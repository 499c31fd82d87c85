"""The type's own route. A path below `/v2/thumbnails` needs a key with the scope `thumbnails`."""

from fastapi import APIRouter, Response

from keepsake.jobs import NewJob
from thumbnails.job_types import THUMBNAILS, Picture
from web import OPTIONS, SUBMITS, JobOptions, SubmissionDep, SubmitRoute

router = APIRouter(prefix="/v2/thumbnails", tags=["thumbnails"], route_class=SubmitRoute)


class PictureBody(JobOptions, Picture):
    """A picture, and what its client says of the job."""


@router.post("", **SUBMITS)
async def make(body: PictureBody, submission: SubmissionDep) -> Response:
    """Accept a picture; its thumbnails are made in the background."""
    return await submission.respond(
        NewJob(
            type=THUMBNAILS.name,
            owner=submission.caller.owner,
            payload=body.model_dump(exclude=OPTIONS),
            key=submission.key,
        ),
        body,
    )
