"""`/v1/jobs/{id}:undo`, also under `/v2`: what a job did to memories, and taking it back."""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from keepsake.jobs import ENDED, Engine, IllegalMove, Job, JobNotFound, TakeBack, loaded
from keepsake.memory import INGEST
from web.dependencies import JobId, Jobs, Memory
from web.edge.auth import Caller, require_scope
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


class JobEffects(BaseModel):
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
    job_id: JobId, caller: Caller, jobs: Jobs, memory: Memory, response: Response
) -> JobEffects:
    """What a job did to memories; also of `sync_…` ids, which v1's turns have."""
    require_scope(caller, INGEST.scope)
    done = list(memory.undo.effects(caller.owner, job_id))
    job = _record(jobs, caller.owner, job_id)
    if job is not None:
        response.headers.update(retry_headers(job))
    elif not done:
        raise JobNotFound(job_id)
    views = [EffectView.model_validate(effect, from_attributes=True) for effect in done]
    return JobEffects(effects=views)


@router.post("/v1/jobs/{job_id}:undo", responses=_REFUSED)
@router.post("/v2/jobs/{job_id}:undo", responses=_REFUSED)
def undo(request: Request, job_id: JobId, caller: Caller, jobs: Jobs, memory: Memory) -> UndoneView:
    """Take back what an ended job did, exactly: as if it had never run.

    What other jobs did stays. Asking again changes nothing, and finishes what was interrupted.
    The same body sent again is a new job from then on.
    """
    job = _record(jobs, caller.owner, job_id)
    # A turn of v1 has no job, and a job's record may be gone: memory knows them by what they did.
    job_type = (jobs.types.get(job.type) if job else None) or INGEST
    require_scope(caller, job_type.scope if job_type.undo else INGEST.scope)
    if job is None and not any(True for _ in memory.undo.effects(caller.owner, job_id)):
        raise JobNotFound(job_id)
    if job_type.undo is None:
        raise Problem(409, "not-undoable", job_type.undo_hint)
    if job is not None and job.state not in ENDED:
        raise IllegalMove("be undone", job)
    take_back: TakeBack = loaded(job_type.undo)
    undone = take_back(request.app.state.resources, caller.owner, job_id)
    jobs.key_slots.release(caller.owner, job_id)
    return UndoneView(job_id=job_id, **asdict(undone))


def _record(jobs: Engine, owner: str, job_id: str) -> Job | None:
    """A job; None if there is no record of it."""
    try:
        return jobs.control.get(owner, job_id)
    except JobNotFound:
        return None
