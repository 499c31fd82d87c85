"""Holding a request until a job is where its client wants it, without asking MongoDB again."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi.concurrency import run_in_threadpool

from keepsake.jobs.control.actions import Control
from keepsake.jobs.job import Job
from keepsake.jobs.states import ENDED
from web.job_views.hub import Gap, Hub

LONGEST_SECONDS = 30


def ended(job: Job) -> bool:
    """Whether a job is over."""
    return job.state in ENDED


async def until(
    hub: Hub,
    control: Control,
    job: Job,
    done: Callable[[Job], bool],
    seconds: float,
    held: AbstractAsyncContextManager[None],
) -> Job:
    """The job as soon as it is done, or as it stands when the time is over.

    Also as it stands when changes may have been missed or the process is to end: the client asks
    again.

    held: what bounds the wait, and ends it by an exception of its own.

    Raises:
        StorageUnavailable: MongoDB does not answer.
        JobNotFound: It was erased meanwhile.
    """
    if done(job) or seconds <= 0:
        return job
    deadline = asyncio.get_running_loop().time() + seconds
    async with held, hub.watching(job_id=job.id) as watch:
        job = await run_in_threadpool(control.get, job.owner, job.id)
        while not done(job) and (left := deadline - asyncio.get_running_loop().time()) > 0:
            try:
                changes = await watch.changes(left)
            except Gap:
                return await run_in_threadpool(control.get, job.owner, job.id)
            if changes and changes[-1].job is not None:
                job = changes[-1].job
            else:
                job = await run_in_threadpool(control.get, job.owner, job.id)
    return job
