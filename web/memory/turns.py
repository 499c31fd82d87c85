"""`/v2/memory`: turns, batches and conversations, accepted at once and remembered later."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from keepsake.jobs import NewJob, Priority, lane_name
from keepsake.memory import (
    BATCH_INGEST,
    IMPORT,
    INGEST,
    SCRAPE,
    USER_ID,
    MemoryScope,
    NoTurns,
    Turn,
    read_transcript,
)
from keepsake.storage import LengthFirst
from web.job_options import OPTIONS, PRIORITY, PriorityOption
from web.memory.messages import Messages, turns_in
from web.problems import misfit
from web.submission import STORES, SubmissionDep, SubmitRoute

router = APIRouter(prefix="/v2/memory", tags=["memory"], route_class=SubmitRoute)
UserId = Annotated[str, Field(max_length=256, pattern=USER_ID)]
WHOSE = "Whose memory; the owner's own when empty"


class Ingest(Turn):
    """One turn to remember, for one of the owner's users."""

    user_query: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)
    ] = Field(description="What the user said", examples=["I live in Lisbon."])
    user_id: UserId = Field(default="", description=WHOSE)


class BatchItem(Ingest):
    """One turn of several; a field that is not known is an error."""

    model_config = ConfigDict(extra="forbid")


class StrictIngest(PriorityOption, BatchItem):
    """A turn to remember, or messages; a field that is not known is an error."""

    user_query: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)] = Field(
        default="", description="What the user said", examples=["I live in Lisbon."]
    )
    messages: Messages = Field(default=[])


class BatchIngest(PriorityOption):
    """Turns to remember: those of one user in their order, those of several side by side."""

    items: Annotated[list[BatchItem], Field(min_length=1, max_length=100), LengthFirst()]
    priority: Priority = Field(default=BATCH_INGEST.priority, description=PRIORITY)


class Scrape(PriorityOption):
    """A shared conversation: its link, or its text."""

    model_config = ConfigDict(str_strip_whitespace=True)

    url: str = Field(
        default="",
        max_length=2_000,
        pattern=r"^(https://\S+)?$",
        description="A shared link of ChatGPT, Claude or Gemini",
        examples=["https://chatgpt.com/share/6740f2c1"],
    )
    transcript: str = Field(
        default="",
        max_length=5_000_000,
        description="An export or transcript in any shape of [memory.md](memory.md#imports)",
    )
    user_name: str = Field(
        default="",
        max_length=64,
        description="Who is the user in a chat between people; nobody when empty",
        examples=["Ana"],
    )
    user_id: UserId = Field(default="", description=WHOSE)
    priority: Priority = Field(default=SCRAPE.priority, description=PRIORITY)

    @model_validator(mode="after")
    def _one_of_two(self) -> "Scrape":
        if bool(self.url) == bool(self.transcript):
            raise ValueError("give either `url` or `transcript`")
        return self


class Restore(PriorityOption):
    """What `GET /v2/memory/export` gave, to be restored."""

    export: str = Field(
        min_length=1, max_length=5_000_000,
        description="Lines of an export: a JSON object each; of a longer one some lines at a time",
        examples=['{"id": "turn_1", "kind": "turn"}'],
    )  # fmt: skip
    user_id: UserId = Field(default="", description=WHOSE)
    priority: Priority = Field(default=IMPORT.priority, description=PRIORITY)


def scope_of(owner: str, user_id: str) -> MemoryScope:
    """Whose memories are meant; XMem's own client leaves the user out."""
    return MemoryScope(owner, user_id or owner)


def lane_of(scope: MemoryScope) -> str:
    """Jobs of one user's memory run one after the other."""
    return lane_name("memory", scope.owner, scope.user_id)


@router.post("/ingest", **STORES)
async def ingest(body: StrictIngest, submission: SubmissionDep) -> Response:
    """Accept a turn, or messages.

    When this answers 202 the job is on disk on a majority of the database's members; if the broker
    is away, the relay publishes the notification later. Messages of several turns become one batch.
    """
    scope = scope_of(submission.caller.owner, body.user_id)
    items = [{**turn, "user_id": scope.user_id} for turn in _turns(body)]
    name, payload = (INGEST.name, items[0]) if len(items) == 1 else (
        BATCH_INGEST.name, {"items": items})  # fmt: skip
    return await submission.respond(
        _job(name, scope, payload, submission.key, [lane_of(scope)]), body
    )


def _turns(body: StrictIngest) -> list[dict[str, Any]]:
    """What is to be remembered.

    Raises:
        Problem: 422, when nothing is said.
    """
    if bool(body.user_query or body.agent_response) and body.messages:
        raise misfit("body", "/messages", "Give either `messages` or `user_query`")
    if body.messages:
        return turns_in(body.messages, Turn.model_validate(body.model_dump(exclude={"messages"})))
    if not body.user_query:
        raise misfit("body", "/user_query", "Field required")
    return [body.model_dump(mode="json", exclude={*OPTIONS, "messages"})]


@router.post("/batch-ingest", **STORES)
async def batch_ingest(body: BatchIngest, submission: SubmissionDep) -> Response:
    """Accept 1 to 100 turns; `/v1/jobs/{job_id}/items` says how each went."""
    scopes = [scope_of(submission.caller.owner, item.user_id) for item in body.items]
    payload = {
        "items": [
            {**item.model_dump(mode="json"), "user_id": scope.user_id}
            for item, scope in zip(body.items, scopes, strict=True)
        ]
    }
    lanes = list(dict.fromkeys(lane_of(scope) for scope in scopes))
    return await submission.respond(
        _job(BATCH_INGEST.name, scopes[0], payload, submission.key, lanes), body
    )


@router.post("/scrape", **STORES)
async def scrape(body: Scrape, submission: SubmissionDep) -> Response:
    """Accept a shared conversation: its turns are read and remembered.

    A transcript of no known shape is refused at once.
    """
    scope = scope_of(submission.caller.owner, body.user_id)
    payload = {**body.model_dump(exclude=OPTIONS), "user_id": scope.user_id}
    new = _job(SCRAPE.name, scope, payload, submission.key, [lane_of(scope)])

    def readable() -> NewJob:
        if body.transcript:
            _require_turns(body.transcript)
        return new

    return await submission.respond(readable, body)


@router.post("/import", **STORES)
async def restore(body: Restore, submission: SubmissionDep) -> Response:
    """Accept an export: its turns and memories come back with their ids, history and provenance.

    What is there already is skipped. Lines of another user's export get ids of their own.
    """
    scope = scope_of(submission.caller.owner, body.user_id)
    payload = {"export": body.export, "user_id": scope.user_id}
    new = _job(IMPORT.name, scope, payload, submission.key, [lane_of(scope)])
    return await submission.respond(new, body)


def _require_turns(transcript: str) -> None:
    """Make sure that a transcript can be read.

    Raises:
        Problem: 422, which says what can be read.
    """
    try:
        read_transcript(transcript)
    except NoTurns as error:
        raise misfit("body", "/transcript", str(error)) from error


def _job(
    job_type: str, scope: MemoryScope, payload: Mapping[str, Any], key: str | None, lanes: list[str]
) -> NewJob:
    return NewJob(
        type=job_type, owner=scope.owner, payload=payload, key=key,
        lane=lanes[0], further_lanes=lanes[1:],
    )  # fmt: skip
