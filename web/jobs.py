"""`/v1/jobs`: where a job stands."""

from fastapi import APIRouter, Response

from jobs.states import ENDED
from web.auth import Caller
from web.dependencies import Jobs
from web.schemas import JobView
from web.submission import POLL_SECONDS

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.get("/{job_id}")
def read(job_id: str, caller: Caller, jobs: Jobs, response: Response) -> JobView:
    """One job of the caller's: its status, attempts, times and result."""
    job = jobs.control.get(caller.owner, job_id)
    if job.state not in ENDED:
        response.headers["Retry-After"] = str(POLL_SECONDS)
    return JobView.of(job)
