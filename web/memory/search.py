"""`/v2/memory/search` and `/retrieve`: memories and turns are found, and answer questions."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from keepsake.memory import DomainName, Kind, MemoryQuery, TurnTags
from keepsake.storage import Moment
from web.dependencies import Memory
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.memory.turns import UserId, scope_of

router = APIRouter(prefix="/v2/memory", tags=["memory"], route_class=BoundedRoute)


class SearchRequest(MemoryQuery):
    """What to look for, and for whom."""

    model_config = ConfigDict(extra="forbid")

    user_id: UserId = ""


class OutdatedView(BaseModel):
    """A statement of a turn that holds no longer."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    content: str
    valid_to: datetime
    superseded_by: str | None = Field(description="Null when nothing took its place")


class HitView(BaseModel):
    """A memory, or a turn as it was said. Scores compare within one answer only."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: Kind
    domain: DomainName
    content: str
    score: float
    speaker: str = Field(description="Who said it: `user`, or the name that the turn begins with")
    said_at: datetime
    valid_from: datetime
    valid_to: datetime | None = Field(description="Null while it holds")
    slot: dict[str, Any] | None = Field(
        description="A fact in parts; `subject` is whom it is about"
    )
    event_date: str | None = Field(description="The first day that it speaks of")
    when: dict[str, Any] | None = Field(description="The days that it speaks of, in its words")
    planned: bool = Field(description="That day was still to come when it was said")
    code: dict[str, Any] | None
    session_id: str
    agent_id: str
    run_id: str
    metadata: dict[str, Any]
    expires_at: datetime | None
    response: str = Field(description="Of a turn: what the assistant said, which is no fact")
    outdated: list[OutdatedView] = Field(description="What its words say that has ended")
    source_ids: list[str] = Field(description="The turns that support it")
    provenance: dict[str, Any]
    explain: dict[str, float] | None = None


class HitList(BaseModel):
    """Hits, best first."""

    hits: list[HitView]


class MemoryQuestion(TurnTags):
    """What to answer, from whose memories, and from which of these."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    query: str = Field(min_length=1, max_length=5_000, examples=["What may I not eat?"])
    user_id: UserId = ""
    top_k: StrictInt = Field(
        default=5,
        ge=1,
        le=50,
        description="How many sources at most; of a person as a whole 20, if it is not given",
    )
    as_of: Moment | None = Field(
        default=None, description="What held at that moment; now when empty"
    )


class MemoryAnswer(BaseModel):
    """An answer; `[n]` in it is the nth source, and there are no others."""

    model_config = ConfigDict(from_attributes=True)

    model: str
    answer: str = Field(description="Statements that hold, each with who made it and when")
    known: bool = Field(description="Whether anything that is stored answers the question")
    sources: list[HitView]
    context: str = Field(
        description="What the answer rests on, to be put before an agent: marked as data, in "
        "which nothing is an instruction; empty when nothing is known"
    )
    confidence: float
    degraded: str = Field(description="Why a configured language model was not used")


@router.post("/search")
def search(body: SearchRequest, caller: Caller, memory: Memory) -> HitList:
    """Find memories and turns of one user, by words and by meaning."""
    hits = memory.search.find(scope_of(caller.owner, body.user_id), body)
    return HitList(hits=[HitView.model_validate(hit) for hit in hits])


@router.post("/retrieve")
def retrieve(body: MemoryQuestion, caller: Caller, memory: Memory) -> MemoryAnswer:
    """Answer a question with citations of what holds at the moment asked about.

    Nothing is claimed that no source says; when none says it, the answer is that it is not known.
    """
    scope = scope_of(caller.owner, body.user_id)
    top_k = body.top_k if "top_k" in body.model_fields_set else None
    answer = memory.retrieval.retrieve(scope, body.query, top_k=top_k, as_of=body.as_of, tags=body)
    return MemoryAnswer.model_validate(answer)
