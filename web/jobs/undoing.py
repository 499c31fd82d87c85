"""`/v1/jobs/{id}:undo`, also under `/v2`: what a job did to memories, and taking it back."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from keepsake.access.keys import Principal, Scope
from keepsake.jobs.engine import Engine
from keepsake.jobs.errors import IllegalMove, JobNotFound
from keepsake.jobs.job import Job
from keepsake.jobs.states import ENDED
from keepsake.memory.storing.undo import Undo
from web.dependencies import JobId, Jobs
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.openapi.declared import carries, fails
from web.problems import Problem, retry_headers

router = APIRouter(tags=["jobs"], route_class=BoundedRoute)
_REFUSED = fails(409, "illegal-move", "not-undoable")


class EffectView(BaseModel):
    """One operation of a job on one memory."""

    position: int = Field(description="Which turn of the job")
    user_id: str
    type: str = Field(description="`ADD`, `UPDATE`, `DELETE` or `NOOP`")
    domain: str
    content: str
    memory_id: str | None
    undone: bool


class Effects(BaseModel):
    """What a job did, turn by turn."""

    effects: list[EffectView]


class UndoneView(BaseModel):
    """What was taken back; zeros when all was before."""

    job_id: str
    removed: int = Field(description="Memories and turns that went")
    reopened: int = Field(description="Memories that hold again")
    kept: int = Field(description="Memories that stay, since another turn says them too")


@router.get("/v1/jobs/{job_id}/effects", responses=carries(200, "Retry-After"))
@router.get("/v2/jobs/{job_id}/effects", responses=carries(200, "Retry-After"))
def effects(
    request: Request, job_id: JobId, caller: Caller, jobs: Jobs, response: Response
) -> Effects:
    """What a job did to memories; also of `sync_…` ids, which v1's turns have."""
    undo = _undo(request, caller)
    found = list(undo.effects(caller.owner, job_id))
    if (job := _record(jobs, caller.owner, job_id, known=lambda: bool(found))) is not None:
        response.headers.update(retry_headers(job))
    return Effects(effects=[EffectView.model_validate(one, from_attributes=True) for one in found])


@router.post("/v1/jobs/{job_id}:undo", responses=_REFUSED)
@router.post("/v2/jobs/{job_id}:undo", responses=_REFUSED)
def undo(request: Request, job_id: JobId, caller: Caller, jobs: Jobs) -> UndoneView:
    """Take back what an ended job did to memories, exactly: as if it had never run.

    What other jobs did stays. Asking again changes nothing, and finishes what was interrupted.
    The same body sent again is a new job from then on.
    """
    undo = _undo(request, caller)
    _require_ended(jobs, undo, caller.owner, job_id)
    done = undo.undo(caller.owner, job_id)
    jobs.key_slots.release(caller.owner, job_id)
    return UndoneView(job_id=job_id, removed=done.removed, reopened=done.reopened, kept=done.kept)


def _require_ended(jobs: Engine, undo: Undo, owner: str, job_id: str) -> None:
    job = _record(jobs, owner, job_id, known=lambda: any(True for _ in undo.effects(owner, job_id)))
    if job is None:
        return
    job_type = jobs.types.get(job.type)
    if job_type is not None and job_type.undo is None:
        raise Problem(409, "not-undoable", job_type.undo_hint)
    if job.state not in ENDED:
        raise IllegalMove("be undone", job)


def _record(jobs: Engine, owner: str, job_id: str, *, known: Callable[[], bool]) -> Job | None:
    """A job; None if its record is gone, or never was, but it is known by its effects."""
    try:
        return jobs.control.get(owner, job_id)
    except JobNotFound:
        if not known():
            raise
        return None


def _undo(request: Request, caller: Principal) -> Undo:
    if Scope.MEMORY not in caller.scopes:
        detail = "This key does not have the scope `memory`."
        raise Problem(403, "forbidden", detail, needed=Scope.MEMORY)
    found: Undo = request.app.state.memory.undo
    return found
