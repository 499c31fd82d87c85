"""`/v1/admin/…/content` and `/memories`: what is its owner's alone, under a scope of its own.

Each reading is written down in the audit log before it is answered.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from keepsake.access import CONTENT, Principal
from keepsake.storage import reading
from web.admin.owners import OwnerName
from web.dependencies import Audited, JobId, Jobs, Memory, OperatorActs
from web.edge.auth import Observer, require_scope
from web.edge.body_limits import BoundedRoute
from web.memory.memories import MemoryFilter, MemoryList, page_of
from web.pages import Paging

router = APIRouter(prefix="/v1/admin", tags=["admin"], route_class=BoundedRoute)
_REASON = "Why it is read; kept in the audit log"


class Reader:
    """Lets an operator read what is its owner's, and writes that down first."""

    def __init__(self, principal: Principal, audit: OperatorActs) -> None:
        require_scope(principal, CONTENT)
        self._audit = audit

    def note(self, what: str, target: str, reason: str) -> None:
        """Write down what is about to be read.

        Raises:
            StorageUnavailable: It is not written, so it must not be read.
        """
        self._audit.note(f"{what}.read", target, reason)


async def _reader(caller: Observer, audit: Audited) -> Reader:
    return Reader(caller, audit)


ReaderDep = Annotated[Reader, Depends(_reader)]


class JobContent(BaseModel):
    """What was asked for, and what it gave; credentials are not in it, they are in the vault."""

    job_id: str
    payload: dict[str, Any] = Field(
        description="What was asked for", examples=[{"user_query": "I live in Lisbon."}]
    )
    result: Any = Field(description="What it gave; null while it has not")


@router.get("/jobs/{job_id}/content")
def job_content(
    job_id: JobId,
    reader: ReaderDep,
    jobs: Jobs,
    reason: Annotated[str, Query(max_length=1_000, description=_REASON)] = "",
) -> JobContent:
    """The payload and the result of a job of any owner; needs the scope `operator:content`."""
    reader.note("job.content", job_id, reason)
    record = jobs.control.content(job_id)
    with reading(job_id):
        return JobContent(
            job_id=job_id, payload=record.get("payload") or {}, result=record.get("result")
        )


class OwnerMemoryFilter(MemoryFilter):
    """Which memories of one of an owner's users, and why they are read."""

    reason: str = Field(default="", max_length=1_000, description=_REASON)


@router.get("/owners/{owner}/memories")
def owner_memories(
    owner: OwnerName,
    reader: ReaderDep,
    memory: Memory,
    pages: Paging,
    filters: Annotated[OwnerMemoryFilter, Query()],
) -> MemoryList:
    """Memories of one of an owner's users; needs the scope `operator:content`.

    A page may be short, or empty, and have a `next_page_token`: go on with it until there is none.
    """
    reader.note("memories", f"{owner}/{filters.user_id or owner}", filters.reason)
    return page_of(memory, pages, owner, filters)
