"""`/v2/memory/export` and `/v2/memory/users`: all of a user's, to take along or to erase."""

import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from keepsake.memory.models import Scope
from keepsake.memory.service import MemoryService
from web.dependencies import Jobs, Memory
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.edge.held_requests import LINES, Stream
from web.memory.memories import WhoseQuery
from web.memory.turns import scope_of
from web.openapi.declared import fails
from web.problems import Problem, retry_after

router = APIRouter(prefix="/v2/memory", tags=["memories"], route_class=BoundedRoute)
_LINES_TOGETHER = 200
_NAMED = 100


class ErasureProof(BaseModel):
    """What was kept of a user: the proof of an erasure."""

    user_id: str
    before: dict[str, int] = Field(examples=[{"turns": 3, "memories": 4, "ledger": 3, "jobs": 1}])
    after: dict[str, int]


@router.get(
    "/export",
    response_description="A JSON object a line",
    response_class=StreamingResponse,
    responses=fails(429, "too-many-streams")
    | {200: {"content": {LINES: {"schema": {"type": "string"}}}}},
)
def export(request: Request, memory: Memory, caller: Caller, user_id: WhoseQuery = "") -> Stream:
    """All turns and memories of a user, ended ones too, oldest first: a JSON object per line."""
    lines = _lines(memory, scope_of(caller.owner, user_id))
    first = next(lines, b"")  # a database that is away is told with a status
    return Stream(chain([first], lines), request, caller, LINES)


@router.delete(
    "/users/{user_id}",
    responses=fails(409, "jobs-unfinished") | fails(503, "contended"),
)
def erase(
    memory: Memory,
    caller: Caller,
    jobs: Jobs,
    user_id: Annotated[str, Path(max_length=256, pattern=r"^[\w.\-@:]+$")],
) -> ErasureProof:
    """Erase all that is kept of a user: turns, memories, and the jobs that hold their words.

    Jobs that have not ended would write again, so they are to be cancelled or waited for: 409.
    """
    scope = scope_of(caller.owner, user_id)
    unfinished = jobs.erasing.unfinished_about(scope.owner, scope.user_id, _NAMED)
    if unfinished:
        detail = "Jobs of this user have not ended; cancel them or wait, then ask again."
        headers = {"Retry-After": retry_after(jobs.control.get(scope.owner, unfinished[0]))}
        raise Problem(409, "jobs-unfinished", detail, headers=headers, job_ids=unfinished)
    about = jobs.erasing.erase_about(scope.owner, scope.user_id)
    erased = memory.changes.erase(scope)
    left = jobs.erasing.count_about(scope.owner, scope.user_id)
    return ErasureProof(
        user_id=user_id, before={**erased.before, **about}, after={**erased.after, **left}
    )


def _lines(memory: MemoryService, scope: Scope) -> Iterator[bytes]:
    """Some lines at a time: each piece of a stream costs a hop between threads."""
    records = memory.archive.export(scope)
    while some := list(islice(records, _LINES_TOGETHER)):
        yield "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in some).encode()
