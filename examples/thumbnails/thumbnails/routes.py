"""The type's own route. A path below `/v2/thumbnails` needs a key with the scope `thumbnails`."""

from fastapi import APIRouter, Response

from keepsake.jobs import NewJob
from thumbnails.job_types import THUMBNAILS, Picture
from web import SUBMITS, Submit, SubmitRoute

router = APIRouter(prefix="/v2/thumbnails", tags=["thumbnails"], route_class=SubmitRoute)


@router.post("", **SUBMITS)
async def make(body: Picture, submit: Submit) -> Response:
    """Accept a picture; its thumbnails are made in the background."""
    return await submit.submit(
        NewJob(
            type=THUMBNAILS.name,
            owner=submit.caller.owner,
            payload=body.model_dump(),
            key=submit.key,
        )
    )
