"""`/v1/memory`: XMem's synchronous contract, in its envelope."""

import time
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from memory.batch import items
from memory.errors import Contended
from memory.models import Domain
from memory.search import Hit
from memory.service import MemoryService
from storage.errors import StorageUnavailable
from storage.ids import new_id
from web.auth import Caller
from web.memory import Ingest, UserId, scope_of
from web.problems import Problem, invalid, translate


class Enveloped(APIRoute):
    """Wraps what a route returns, or raises, in XMem's envelope."""

    def get_route_handler(self) -> Any:
        """The handler with the envelope around it."""
        handle = super().get_route_handler()

        async def enveloped(request: Request) -> Response:
            began = time.perf_counter()
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _failed(invalid(error), began)
            except (Problem, StorageUnavailable, Contended) as error:
                return _failed(translate(error), began)

        return enveloped


router = APIRouter(prefix="/v1/memory", tags=["memory (v1)"], route_class=Enveloped)


class Envelope(BaseModel):
    """XMem's answer to everything."""

    status: str = "ok"
    request_id: str
    data: Any = None
    error: str | None = None
    elapsed_ms: float


class SearchRequest(BaseModel):
    """What to look for, and in which domains."""

    model_config = ConfigDict(hide_input_in_errors=True, str_strip_whitespace=True)

    query: str = Field(min_length=1, max_length=5_000, examples=["Where do I live?"])
    user_id: UserId = ""
    domains: list[Domain] = Field(default_factory=lambda: list(Domain), min_length=1)
    top_k: int = Field(default=10, ge=1, le=100)


class Batch(BaseModel):
    """Turns to remember, in order."""

    model_config = ConfigDict(hide_input_in_errors=True)

    items: list[Ingest] = Field(min_length=1, max_length=100)


class RetrieveRequest(BaseModel):
    """What to answer."""

    model_config = ConfigDict(hide_input_in_errors=True, str_strip_whitespace=True)

    query: str = Field(min_length=1, max_length=5_000, examples=["What may I not eat?"])
    user_id: UserId = ""
    top_k: int = Field(default=5, ge=1, le=50)


@router.post("/ingest")
def ingest(body: Ingest, caller: Caller, request: Request) -> Envelope:
    """Remember a turn, now."""
    began = time.perf_counter()
    service: MemoryService = request.app.state.memory
    report = service.pipeline.ingest(
        scope_of(caller.owner, body.user_id), body, job_id=new_id("sync")
    )
    return _ok(report.envelope(), began)


@router.post("/batch-ingest")
def batch_ingest(body: Batch, caller: Caller, request: Request) -> Envelope:
    """Remember up to 100 turns, now; an item that fails says so and keeps no other out."""
    began = time.perf_counter()
    service: MemoryService = request.app.state.memory
    payloads = [
        {**item.model_dump(), "user_id": scope_of(caller.owner, item.user_id).user_id}
        for item in body.items
    ]
    good, bad = items(caller.owner, payloads)
    done = [*bad, *service.batch.ingest(good, job_id=new_id("sync"))]
    ordered = sorted(done, key=lambda outcome: outcome.position)
    return _ok({"results": [outcome.shown() for outcome in ordered]}, began)


@router.post("/retrieve")
def retrieve(body: RetrieveRequest, caller: Caller, request: Request) -> Envelope:
    """Answer a question from the memories of the caller's user."""
    began = time.perf_counter()
    service: MemoryService = request.app.state.memory
    scope = scope_of(caller.owner, body.user_id)
    found = service.retrieval.retrieve(scope, body.query, top_k=body.top_k)
    data = {
        "model": found.model,
        "answer": found.answer,
        "sources": [_source(hit) for hit in found.sources],
        "confidence": found.confidence,
    }
    return _ok(data, began)


@router.post("/search")
def search(body: SearchRequest, caller: Caller, request: Request) -> Envelope:
    """Find memories of the caller's user."""
    began = time.perf_counter()
    service: MemoryService = request.app.state.memory
    scope = scope_of(caller.owner, body.user_id)
    hits = service.search.search(scope, body.query, domains=body.domains, top_k=body.top_k)
    results = [_source(hit) for hit in hits]
    return _ok({"results": results, "total": len(results)}, began)


def _source(hit: Hit) -> dict[str, Any]:
    return {
        "domain": hit.domain,
        "content": hit.content,
        "score": round(hit.score, 3),
        "metadata": hit.metadata,
    }


def _ok(data: Any, began: float) -> Envelope:
    return Envelope(request_id=uuid4().hex, data=data, elapsed_ms=_elapsed_ms(began))


def _failed(problem: Problem, began: float) -> JSONResponse:
    envelope = Envelope(
        status="error", request_id=uuid4().hex, error=problem.detail, elapsed_ms=_elapsed_ms(began)
    )
    return JSONResponse(envelope.model_dump(), status_code=problem.status, headers=problem.headers)


def _elapsed_ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
