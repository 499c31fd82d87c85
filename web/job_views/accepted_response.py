"""The `202` of a job, wherever it is accepted or made to go on."""

from fastapi import Response

from keepsake.jobs.job import Job
from web.job_views.schemas import JobView
from web.problems import retry_after


def followed(job: Job, response: Response) -> JobView:
    """A job with where and when to ask for it."""
    view = JobView.of(job)
    response.headers["Location"] = view.status_url
    response.headers["Retry-After"] = retry_after(job)
    return view
