"""`/v1/memory`: XMem's synchronous contract, in its envelope."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.datastructures import UploadFile

from keepsake.memory import (
    MemoryHit,
    NoTurns,
    PlainTurn,
    Scraper,
    Transcript,
    Turn,
    batch_items,
    envelope,
    read_transcript,
)
from keepsake.outbound import Forbidden, Unreachable
from keepsake.storage import LengthFirst, new_id
from web.deadline_pool import Deadline, DeadlinePool
from web.dependencies import Memory
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.edge.quota import Room
from web.edge.replies import Envelope
from web.memory.turns import WHOSE, UserId, scope_of
from web.openapi.declared import fails
from web.problems import Problem, misfit
from web.settings import WebSettings
from web.v1.views import relevance

router = APIRouter(prefix="/v1/memory", tags=["memory (v1)"], route_class=BoundedRoute)
BOUNDED = fails(504, "timed-out")
WRITES = BOUNDED | fails(503, "contended")
T = TypeVar("T")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class V1Ingest(PlainTurn):
    """One turn to remember; XMem's clients write the effort level in any case."""

    user_id: UserId = Field(default="", description=WHOSE)
    effort_level: Annotated[Literal["low", "high"], BeforeValidator(_lower)] = "low"


class V1Batch(BaseModel):
    """Turns to remember, in order."""

    model_config = ConfigDict(hide_input_in_errors=True)

    items: Annotated[list[V1Ingest], Field(min_length=1, max_length=100), LengthFirst()]


class V1Search(BaseModel):
    """What to look for, and in which domains."""

    model_config = ConfigDict(hide_input_in_errors=True, str_strip_whitespace=True)

    query: str = Field(min_length=1, max_length=5_000, examples=["Where do I live?"])
    user_id: UserId = ""
    domains: Annotated[
        tuple[Literal["profile", "temporal", "summary"], ...],
        Field(max_length=100),
        LengthFirst(),
    ] = ("profile", "temporal", "summary")
    top_k: int = Field(default=10, ge=1, le=100)


class V1Retrieve(BaseModel):
    """What to answer."""

    model_config = ConfigDict(hide_input_in_errors=True, str_strip_whitespace=True)

    query: str = Field(min_length=1, max_length=5_000, examples=["What may I not eat?"])
    user_id: UserId = ""
    top_k: int = Field(default=5, ge=1, le=50)


@router.post("/ingest", dependencies=[Room], responses=WRITES)
async def ingest(body: V1Ingest, caller: Caller, request: Request, memory: Memory) -> Envelope:
    """Remember a turn, now: all of it or, when the time is over, nothing."""
    scope = scope_of(caller.owner, body.user_id)

    def work(deadline: Deadline) -> dict[str, Any]:
        pipeline = memory.pipeline
        job_id = new_id("sync")  # none before, so nothing was done under it
        turn = Turn.model_validate(body.model_dump())
        return envelope(pipeline.ingest(scope, turn, job_id=job_id, fence=deadline, looked=True))

    return Envelope.of(request, data=await within(request, work))


@router.post("/batch-ingest", dependencies=[Room], responses=WRITES)
async def batch_ingest(body: V1Batch, caller: Caller, request: Request, memory: Memory) -> Envelope:
    """Remember up to 100 turns, now; an item that fails says so and keeps no other out.

    When the time is over, each item is remembered wholly or not at all.
    """
    payloads = [
        {**item.model_dump(), "user_id": scope_of(caller.owner, item.user_id).user_id}
        for item in body.items
    ]

    def work(deadline: Deadline) -> dict[str, Any]:
        good, bad = batch_items(caller.owner, payloads)
        batch = memory.batch
        done = [*bad, *batch.ingest(good, job_id=new_id("sync"), fence=deadline)]
        ordered = sorted(done, key=lambda outcome: outcome.position)
        return {"results": [outcome.shown() for outcome in ordered]}

    return Envelope.of(request, data=await within(request, work, times=len(payloads)))


@router.post("/retrieve", responses=BOUNDED)
async def retrieve(body: V1Retrieve, caller: Caller, request: Request, memory: Memory) -> Envelope:
    """Answer a question from the memories of the caller's user."""
    scope = scope_of(caller.owner, body.user_id)

    def work(_: Deadline) -> dict[str, Any]:
        top_k = body.top_k if "top_k" in body.model_fields_set else None
        answer = memory.retrieval.retrieve(scope, body.query, top_k=top_k)
        return {
            "model": answer.model,
            "answer": answer.answer,
            "sources": [_source(hit) for hit in answer.sources],
            "confidence": answer.confidence,
        }

    return Envelope.of(request, data=await within(request, work))


@router.post("/search", responses=BOUNDED)
async def search(body: V1Search, caller: Caller, request: Request, memory: Memory) -> Envelope:
    """Find memories of the caller's user."""
    scope = scope_of(caller.owner, body.user_id)

    def work(_: Deadline) -> dict[str, Any]:
        if not body.domains:
            return {"results": [], "total": 0}
        finder = memory.search
        hits = finder.search(scope, body.query, domains=body.domains, top_k=body.top_k)
        return {"results": [_source(hit) for hit in hits], "total": len(hits)}

    return Envelope.of(request, data=await within(request, work))


async def within(request: Request, work: Callable[[Deadline], T], *, times: int = 1) -> T:
    """Do what a client of v1 waits for, within the configured time.

    Raises:
        Problem: 504, when the time is over first.
    """
    settings: WebSettings = request.app.state.settings
    bounded: DeadlinePool = request.app.state.synchronous
    seconds = settings.v1_timeout_seconds * times
    if times > 1:
        seconds = min(seconds, settings.v1_batch_timeout_seconds)
    return await bounded.run(seconds, work)


def _source(hit: MemoryHit) -> dict[str, Any]:
    return {
        "domain": hit.domain,
        "content": hit.content,
        "score": relevance(hit.score),
        "metadata": _metadata(hit),
    }


def _metadata(hit: MemoryHit) -> dict[str, Any]:
    """What is known of a hit; what is empty is left out."""
    times = ("created_at", "said_at", "valid_from", "valid_to")
    extra = ("when", "slot", "code", "session_id", "response", "planned_for")
    outdated = [{"content": each.content, "valid_to": each.valid_to.isoformat()}
                for each in hit.outdated]  # fmt: skip
    metadata = {
        "memory_id": hit.id,
        "job_id": hit.provenance["job_id"],
        "event_date": hit.event_date,
        "speaker": hit.speaker,
        **{name: moment and moment.isoformat()
           for name in times for moment in [getattr(hit, name)]},
    }  # fmt: skip
    some = {name: getattr(hit, name) for name in extra} | {"outdated": outdated}
    return metadata | {name: value for name, value in some.items() if value}


_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_PLAIN = "text/"
_BYTES = 8 << 20
_SAID = "User: I live in Lisbon.\nAssistant: Noted.\n"
_TRANSCRIPT = {"type": "string", "format": "binary", "maxLength": _BYTES, "examples": [_SAID]}
_FORM_OR_TEXT = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {**_TRANSCRIPT, "description": "The transcript as a file"},
                        "text": {
                            "type": "string",
                            "maxLength": _BYTES,
                            "description": "The transcript, where there is no file",
                            "examples": [_SAID],
                        },
                    },
                }
            },
            "text/plain; charset=utf-8": {"schema": _TRANSCRIPT},
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
