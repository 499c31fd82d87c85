"""Accepting work: the record, the ring, the 202."""

from fastapi import Response

from jobs.engine import Engine
from jobs.job import NewJob
from jobs.states import ENDED
from middleware.doorbell import Doorbell
from web.schemas import JobView, status_url

POLL_SECONDS = 1


class Submission:
    """Records a job and rings for it."""

    def __init__(self, engine: Engine, doorbell: Doorbell) -> None:
        self._engine = engine
        self._doorbell = doorbell

    def submit(self, new: NewJob, response: Response) -> JobView:
        """Accept a job and describe it.

        When this returns, the job is on disk on a majority of the database's members. If RabbitMQ
        did not confirm the ring, the relay rings later.

        Raises:
            JobError: The idempotency key does not fit.
            StorageUnavailable: MongoDB does not answer; nothing was accepted.
        """
        accepted = self._engine.acceptance.accept(new)
        if accepted.created:
            self._doorbell.ring(accepted.job, awaited=False)
        else:
            response.headers["Idempotency-Replayed"] = "true"
        response.headers["Location"] = status_url(accepted.job.id)
        if accepted.job.state not in ENDED:
            response.headers["Retry-After"] = str(POLL_SECONDS)
        return JobView.of(accepted.job)
