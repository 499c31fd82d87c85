"""`/v2/memory/search` and `/retrieve`: memories and turns are found, and answer questions."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from keepsake.memory import DomainName, Kind, MemoryHit, MemoryQuery
from web.dependencies import Memory
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.memory.turns import UserId, scope_of

router = APIRouter(prefix="/v2/memory", tags=["memory"], route_class=BoundedRoute)


class SearchRequest(MemoryQuery):
    """What to look for, and for whom."""

    model_config = ConfigDict(extra="forbid")

    user_id: UserId = ""


class HitView(BaseModel):
    """What was answer. Scores compare within one answer only."""

    kind: Kind
    domain: DomainName
    content: str
    score: float
    source_ids: list[str] = Field(description="The turns that support it, best first")
    provenance: dict[str, Any]
    explain: dict[str, float] | None = None

    @classmethod
    def of(cls, hit: MemoryHit) -> "HitView":
        """The view of a hit."""
        return cls(
            kind=hit.kind,
            domain=hit.domain,
            content=hit.content,
            score=round(hit.score, 4),
            source_ids=list(hit.source_ids),
            provenance=hit.provenance,
            explain=hit.explain,
        )


class Hits(BaseModel):
    """Hits, best first."""

    hits: list[HitView]


class MemoryQuestion(BaseModel):
    """What to answer, from whose memories."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    query: str = Field(min_length=1, max_length=5_000, examples=["What may I not eat?"])
    user_id: UserId = ""
    top_k: StrictInt = Field(default=5, ge=1, le=50)


class MemoryAnswer(BaseModel):
    """An answer; `[n]` in it is the nth source."""

    model: str
    answer: str
    sources: list[HitView]
    confidence: float


@router.post("/search")
def search(body: SearchRequest, caller: Caller, memory: Memory) -> Hits:
    """Find memories and turns of one user, by words and by meaning."""
    hits = memory.search.find(scope_of(caller.owner, body.user_id), body)
    return Hits(hits=[HitView.of(hit) for hit in hits])


@router.post("/retrieve")
def retrieve(body: MemoryQuestion, caller: Caller, memory: Memory) -> MemoryAnswer:
    """Answer a question with citations; nothing is claimed that no source says."""
    scope = scope_of(caller.owner, body.user_id)
    answer = memory.retrieval.retrieve(scope, body.query, top_k=body.top_k)
    return MemoryAnswer(
        model=answer.model,
        answer=answer.answer,
        sources=[HitView.of(hit) for hit in answer.sources],
        confidence=answer.confidence,
    )
