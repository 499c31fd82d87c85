"""`/v1/memory/scrape` and `/parse_transcript`: conversations become pairs, nothing is stored."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from keepsake.memory import Forbidden, NoTurns, Scraper, Transcript, Unreachable, read_transcript
from web.deadline_pool import Deadline
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.edge.replies import Envelope
from web.openapi.declared import fails
from web.problems import Problem, misfit
from web.v1.memory import BOUNDED, within

router = APIRouter(prefix="/v1/memory", tags=["memory (v1)"], route_class=BoundedRoute)
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_PLAIN = "text/"
_BYTES = 8 << 20
_FORM_OR_TEXT = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary", "maxLength": _BYTES},
                        "text": {"type": "string", "maxLength": _BYTES},
                    },
                }
            },
            "text/plain": {"schema": {"type": "string", "maxLength": _BYTES}},
        },
    }
}


class V1Scrape(BaseModel):
    """A shared link."""

    model_config = ConfigDict(hide_input_in_errors=True, str_strip_whitespace=True)

    url: str = Field(min_length=1, max_length=2_000, examples=["https://chatgpt.com/share/6740f2"])


@router.post("/scrape", responses=BOUNDED | fails(400, "unreadable") | fails(502, "unreadable"))
async def scrape(body: V1Scrape, _: Caller, request: Request) -> Envelope:
    """Read a shared conversation; what it holds is answered, not remembered."""

    def work(_: Deadline) -> dict[str, Any]:
        scraper: Scraper = request.app.state.scraper
        try:
            return _pairs(scraper.scrape(body.url))
        except (Forbidden, NoTurns) as error:
            raise Problem(400, "unreadable", _told(error)) from error
        except Unreachable as error:
            raise Problem(502, "unreadable", _told(error)) from error

    return Envelope.of(request, data=await within(request, work))


@router.post(
    "/parse_transcript",
    openapi_extra=_FORM_OR_TEXT,
    responses=BOUNDED | fails(400, "unreadable"),
)
async def parse_transcript(_: Caller, request: Request) -> Envelope:
    """Read an uploaded transcript: a form's `file` or `text`, or plain text as the body."""
    raw = await _uploaded(request)

    def work(_: Deadline) -> dict[str, Any]:
        text = raw.decode("utf-8", "ignore")
        if not text.strip():
            raise Problem(400, "unreadable", "Uploaded file is empty.")
        try:
            return _pairs(read_transcript(text))
        except NoTurns as error:
            detail = "Could not extract message pairs from the transcript."
            raise Problem(400, "unreadable", detail) from error

    return Envelope.of(request, data=await within(request, work))


async def _uploaded(request: Request) -> bytes:
    """What was sent.

    Raises:
        Problem: 415 for another media type, 422 for a form without a transcript.
    """
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type.startswith(_PLAIN):
        return await request.body()
    if media_type not in _FORMS:
        detail = "Send multipart/form-data with a `file`, or text/plain."
        raise Problem(415, "unsupported-media-type", detail)
    async with request.form(max_files=1, max_fields=10, max_part_size=_BYTES) as form:
        upload = form.get("file") or form.get("text")
        if isinstance(upload, UploadFile):
            return await upload.read()
    if upload is None:
        raise misfit("body", "/file", "Field required")
    return upload.encode()


def _pairs(transcript: Transcript) -> dict[str, Any]:
    return {"pairs": transcript.pairs(), "error": None}


def _told(error: Exception) -> str:
    return f"{str(error).capitalize()}."
