"""`/v1/admin/jobs:action` and `/v1/admin/jobs/{id}:action`: what operators ask of others' jobs.

Each is written down in the audit log before it is done.
"""

from typing import Annotated

from fastapi import APIRouter, Depends

from keepsake.access import Principal
from keepsake.jobs import Engine
from middleware.notifier import Notifier
from web.admin.jobs import AdminJobFilter
from web.admin.views import AdminJob
from web.dependencies import Audited, JobId, Jobs, Notify, OperatorActs
from web.edge.auth import Operator
from web.edge.body_limits import BoundedRoute
from web.jobs.actions import BulkDone, BulkRequest, Why, carried_out, notify_changed
from web.openapi.declared import fails

router = APIRouter(prefix="/v1/admin/jobs", tags=["admin"], route_class=BoundedRoute)
_REFUSED = fails(409, "illegal-move")


class AdminBulkRequest(AdminJobFilter, BulkRequest):
    """Which jobs of all owners, and whether only to count them."""


class Acting:
    """What an operator does to jobs, with one request."""

    def __init__(
        self, caller: Principal, jobs: Engine, notifier: Notifier, audit: OperatorActs
    ) -> None:
        self._caller = caller
        self._jobs = jobs
        self._notifier = notifier
        self._audit = audit

    def on_one(self, action: str, job_id: str, reason: str = "") -> AdminJob:
        """Do something to one job, whoever's it is."""
        self._audit.note(f"job.{action}", job_id, reason)
        job = self._jobs.bulk.act(action, None, job_id, by=self._caller.owner, reason=reason)
        notify_changed([job], self._jobs, self._notifier)
        return AdminJob.of(job)

    def on_many(self, action: str, body: AdminBulkRequest) -> BulkDone:
        """Do something to all jobs that are meant; what is only counted is not written down."""
        if not body.dry_run:
            which = body.model_dump_json(exclude_defaults=True, exclude={"reason", "dry_run"})
            self._audit.note(f"jobs.{action}", which, body.reason)
        owner = body.owner or None
        return carried_out(action, body, owner, self._caller, self._jobs, self._notifier)


async def _acting(caller: Operator, jobs: Jobs, notifier: Notify, audit: Audited) -> Acting:
    return Acting(caller, jobs, notifier, audit)


ActingDep = Annotated[Acting, Depends(_acting)]


@router.post("/{job_id}:cancel", responses=_REFUSED)
def cancel_job(job_id: JobId, acting: ActingDep, why: Why) -> AdminJob:
    """Cancel a job of any owner: at once when it waits, else at its next checkpoint."""
    return acting.on_one("cancel", job_id, why.reason)


@router.post("/{job_id}:pause", responses=_REFUSED)
def pause_job(job_id: JobId, acting: ActingDep, why: Why) -> AdminJob:
    """Pause a job of any owner; later jobs of its lane wait for it."""
    return acting.on_one("pause", job_id, why.reason)


@router.post("/{job_id}:resume", responses=_REFUSED)
def resume_job(job_id: JobId, acting: ActingDep) -> AdminJob:
    """Let a paused job of any owner go on."""
    return acting.on_one("resume", job_id)


@router.post("/{job_id}:retry", responses=_REFUSED)
def retry_job(job_id: JobId, acting: ActingDep) -> AdminJob:
    """Try again now what waits for its next try, whoever's it is."""
    return acting.on_one("retry", job_id)


@router.post("/{job_id}:replay", responses=fails(409, "dead-letter-closed"))
def replay_job(job_id: JobId, acting: ActingDep) -> AdminJob:
    """Make a new job of its owner's from a dead letter; the answer is the new one."""
    return acting.on_one("replay", job_id)


@router.post(":cancel")
def cancel_jobs(body: AdminBulkRequest, acting: ActingDep) -> BulkDone:
    """Cancel up to 1,000 jobs; running ones stop at their next checkpoint."""
    return acting.on_many("cancel", body)


@router.post(":pause")
def pause_jobs(body: AdminBulkRequest, acting: ActingDep) -> BulkDone:
    """Pause up to 1,000 jobs; running ones stop at their next checkpoint."""
    return acting.on_many("pause", body)


@router.post(":resume")
def resume_jobs(body: AdminBulkRequest, acting: ActingDep) -> BulkDone:
    """Let up to 1,000 paused jobs go on."""
    return acting.on_many("resume", body)


@router.post(":retry")
def retry_jobs(body: AdminBulkRequest, acting: ActingDep) -> BulkDone:
    """Try again now up to 1,000 jobs that wait for their next try."""
    return acting.on_many("retry", body)


@router.post(":replay")
def replay_jobs(body: AdminBulkRequest, acting: ActingDep) -> BulkDone:
    """Make new jobs from up to 1,000 dead letters, among the newest 100,000 that are open."""
    return acting.on_many("replay", body)
