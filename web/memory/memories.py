"""`/v2/memory/memories`, `/export` and `/users`: what is remembered, one by one and all of it."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain, islice
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from keepsake.jobs import Engine, IllegalMove, JobNotFound
from keepsake.memory import (
    DOMAINS,
    EMBED,
    METADATA_CHARACTERS,
    USER_ID,
    DomainName,
    Kind,
    MemoryScope,
    MemoryService,
    TurnTags,
    metadata_of,
)
from keepsake.storage import LengthFirst, NamedPair, each_readable, reading
from web.dependencies import Jobs, Memory
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.edge.held_requests import LINES, Stream
from web.edge.quota import Room
from web.memory.turns import UserId, scope_of
from web.openapi.declared import fails, streams_lines
from web.pages import Pages, Paging
from web.problems import Problem

router = APIRouter(prefix="/v2/memory", tags=["memories"], route_class=BoundedRoute)
MemoryId = Annotated[str, Path(max_length=200)]
WhoseQuery = Annotated[UserId, Query(description="Whose memory; the owner's own when empty")]
MetadataPair = Annotated[
    str,
    Field(max_length=321, examples=["channel:mail"]),
    NamedPair(METADATA_CHARACTERS),
]
_LINES_TOGETHER = 200
_NAMED = 100


class Version(BaseModel):
    """What a memory said for a while."""

    id: str
    content: str
    valid_from: datetime
    valid_to: datetime | None
    superseded_by: str | None
    provenance: dict[str, Any]


class MemoryView(BaseModel):
    """A memory, or a turn as it was said."""

    id: str
    kind: Kind
    domain: DomainName
    content: str
    confidence: float
    created_at: datetime
    said_at: datetime
    valid_from: datetime
    valid_to: datetime | None = Field(description="Null while it holds")
    supersedes: str | None
    superseded_by: str | None
    provenance: dict[str, Any] = Field(description="The job, turn and model it comes from")
    support: list[dict[str, Any]] = Field(description="The turns that say it")
    slot: dict[str, Any] | None = Field(default=None, description="A fact in parts")
    when: dict[str, Any] | None = Field(default=None, description="The day that it speaks of")
    code: dict[str, Any] | None = None
    response: str | None = Field(default=None, description="Of a turn: what was answered")
    session_id: str | None = None
    source_id: str | None = None
    speaker: str | None = Field(default=None, description="Who said it, if not the user")
    agent_id: str | None = None
    run_id: str | None = None
    metadata: dict[str, Any] = {}
    expires_at: datetime | None = None


class MemoryWithHistory(MemoryView):
    """A memory and all versions of it, the oldest first."""

    history: list[Version]


class MemoryList(BaseModel):
    """Some memories; no token means that these were the last."""

    memories: list[MemoryView]
    next_page_token: str | None


class MemoryExport(BaseModel):
    """Whose memories, and what they belong to."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    user_id: UserId = ""
    agent_id: str = Field(default="", max_length=256)
    run_id: str = Field(default="", max_length=256)
    session_id: str = Field(default="", max_length=256)
    metadata: Annotated[list[MetadataPair], Field(max_length=16), LengthFirst()] = []

    def conditions(self) -> dict[str, Any]:
        """The filter of what belongs to that."""
        tags = TurnTags(agent_id=self.agent_id, run_id=self.run_id, session_id=self.session_id)
        return {**tags.conditions(), **metadata_of(self.metadata)}


class MemoryFilter(MemoryExport):
    """Whose memories, what they are about, and which page."""

    kinds: Annotated[list[Kind], Field(min_length=1, max_length=len(Kind)), LengthFirst()] = [
        Kind.MEMORY
    ]
    domains: Annotated[
        list[DomainName], Field(min_length=1, max_length=len(DOMAINS)), LengthFirst()
    ] = list(DOMAINS)
    history: bool = Field(default=False, description="Also those that hold no longer")
    page_size: int = Field(default=50, ge=1, le=200)
    page_token: str = Field(default="", max_length=500)


class Edit(BaseModel):
    """What a memory is to say."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    content: str = Field(min_length=1, max_length=10_000, examples=["I live in Lyon."])


class Deleted(BaseModel):
    """What went."""

    deleted: int = Field(description="With a turn, the memories that only it supports go too")


@router.get("/memories")
def listed(
    memory: Memory, caller: Caller, pages: Paging, filters: Annotated[MemoryFilter, Query()]
) -> MemoryList:
    """Memories of one user that hold now, in the order of their ids.

    A page may be short, or empty, and have a `next_page_token`: go on with it until there is none.
    """
    return page_of(memory, pages, caller.owner, filters)


def page_of(memory: MemoryService, pages: Pages, owner: str, filters: MemoryFilter) -> MemoryList:
    """A page of the memories of one of an owner's users."""
    scope = scope_of(owner, filters.user_id)
    wanted = filters.model_dump(exclude={"page_size", "page_token", "reason"})
    after = pages.parts(filters.page_token, (str,), wanted)[0] if filters.page_token else ""
    page = memory.archive.page(
        scope, kinds=filters.kinds, domains=filters.domains, history=filters.history,
        tags=filters.conditions(), after=after, limit=filters.page_size,
    )  # fmt: skip
    more = pages.token([page.next_after], wanted) if page.next_after else None
    views = list(each_readable(MemoryView.model_validate, page.memories))
    return MemoryList(memories=views, next_page_token=more)


@router.get("/memories/{memory_id}")
def read(
    memory: Memory, caller: Caller, memory_id: MemoryId, user_id: WhoseQuery = ""
) -> MemoryWithHistory:
    """One memory with its provenance, and the versions before and after it."""
    with reading(memory_id):
        remembered = memory.archive.get(scope_of(caller.owner, user_id), memory_id)
        return MemoryWithHistory.model_validate(remembered)


@router.patch(
    "/memories/{memory_id}",
    dependencies=[Room],
    responses=fails(503, "contended") | fails(403, "quota-exceeded"),
)
def edit(
    memory: Memory, caller: Caller, memory_id: MemoryId, body: Edit, user_id: WhoseQuery = ""
) -> MemoryWithHistory:
    """Say it anew: a new memory is answered, the old one becomes its history."""
    scope = scope_of(caller.owner, user_id)
    new = memory.changes.edit(scope, memory_id, body.content)
    return MemoryWithHistory.model_validate(memory.archive.get(scope, new))


@router.delete("/memories/{memory_id}", responses=fails(503, "contended"))
def delete(
    memory: Memory, caller: Caller, memory_id: MemoryId, user_id: WhoseQuery = ""
) -> Deleted:
    """Delete a memory or a turn for good; what it had superseded stays history."""
    scope = scope_of(caller.owner, user_id)
    return Deleted(deleted=memory.changes.delete(scope, memory_id))


class ErasureView(BaseModel):
    """What was kept of a user: the proof of an erasure."""

    user_id: str
    before: dict[str, int] = Field(examples=[{"turns": 3, "memories": 4, "ledger": 3, "jobs": 1}])
    after: dict[str, int]


@router.get(
    "/export",
    response_description="A JSON object a line",
    response_class=StreamingResponse,
    responses=streams_lines() | fails(429, "too-many-streams"),
)
def export(
    request: Request, memory: Memory, caller: Caller, wanted: Annotated[MemoryExport, Query()]
) -> Stream:
    """All turns and memories of a user, ended ones too, oldest first: a JSON object per line."""
    lines = _lines(memory, scope_of(caller.owner, wanted.user_id), wanted.conditions())
    first = next(lines, b"")  # so that a database that is away is answered with a status
    return Stream(chain([first], lines), request, caller, LINES)


@router.delete(
    "/users/{user_id}",
    responses=fails(409, "jobs-unfinished") | fails(503, "contended"),
)
def erase_user(
    memory: Memory,
    caller: Caller,
    jobs: Jobs,
    user_id: Annotated[str, Path(min_length=1, max_length=256, pattern=USER_ID)],
) -> ErasureView:
    """Erase all that is kept of a user: turns, memories, and the jobs that hold their words.

    Jobs that have not ended would write again, so they are to be cancelled or waited for: 409.
    Those that embed memories anew, which nobody asked for, are cancelled here.
    """
    scope = scope_of(caller.owner, user_id)
    _cancel_embedding(jobs, scope)
    unfinished = jobs.erasing.unfinished_about(scope.owner, scope.user_id, _NAMED)
    if unfinished:
        detail = "Jobs of this user have not ended; cancel them or wait, then ask again."
        headers = {
            "Retry-After": str(jobs.control.get(scope.owner, unfinished[0]).poll_after_seconds)
        }
        raise Problem(409, "jobs-unfinished", detail, headers=headers, job_ids=unfinished)
    about = jobs.erasing.erase_about(scope.owner, scope.user_id)
    erased = memory.changes.erase(scope)
    left = jobs.erasing.count_about(scope.owner, scope.user_id)
    return ErasureView(
        user_id=user_id, before={**erased.before, **about}, after={**erased.after, **left}
    )


def _cancel_embedding(jobs: Engine, scope: MemoryScope) -> None:
    """Cancel what embeds a user's memories anew; what runs ends at its next checkpoint."""
    for job_id in jobs.erasing.unfinished_about(scope.owner, scope.user_id, _NAMED):
        if jobs.control.get(scope.owner, job_id).type == EMBED.name:
            with suppress(IllegalMove, JobNotFound):  # it has just ended
                jobs.control.cancel(scope.owner, job_id, by=scope.owner)


def _lines(memory: MemoryService, scope: MemoryScope, tags: dict[str, Any]) -> Iterator[bytes]:
    """Some lines at a time: each piece of a stream costs a hop between threads."""
    records = memory.archive.export(scope, tags)
    while some := list(islice(records, _LINES_TOGETHER)):
        yield "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in some).encode()
