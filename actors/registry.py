"""`@works(type)`: a function of one attempt becomes a Dramatiq actor."""

from collections.abc import Callable, Mapping
from typing import Any

import dramatiq

from keepsake.jobs.attempt import Attempt
from keepsake.jobs.errors import Stop
from keepsake.jobs.policy import MEMORY_QUEUE, OVERFLOW, POLICIES, Policy
from middleware import running
from middleware.broker import ANY_LANE
from middleware.notifier import overflowing
from middleware.running import Run

Work = Callable[[Attempt], Any]

_LAST = 10
"""Dramatiq's priority: of the messages that a worker holds it takes the lowest number first."""
_WORKS: dict[str, Work] = {}


def works(
    job_type: str, policies: Mapping[str, Policy] = POLICIES
) -> Callable[[Work], dramatiq.Actor[..., None]]:
    """Register the work of a job type; what it returns is the job's result, a JSON value."""

    def register(work: Work) -> dramatiq.Actor[..., None]:
        _WORKS[job_type] = work
        queue = policies[job_type].queue
        if queue in OVERFLOW:
            overflow_actor = dramatiq.actor(
                actor_name=overflowing(job_type), queue_name=OVERFLOW[queue], priority=_LAST
            )
            overflow_actor(_perform)
        return dramatiq.actor(actor_name=job_type, queue_name=queue)(_perform)

    return register


def serve_any_lane() -> None:
    """Declare what takes the messages of actors that only another version has."""
    dramatiq.actor(actor_name=ANY_LANE, queue_name=MEMORY_QUEUE)(_perform)


def _perform(job_id: str, lane: str, **marks: bool) -> None:  # noqa: ARG001
    """Run what this thread's claim holds.

    The arguments are the claim's, which was made before. A ring is for a lane, so the claimed job
    may be another one than the message names, even of another type. Nothing is raised into
    Dramatiq, which would log the actor's exception with the user's text; nothing is returned,
    which would log a warning.
    """
    run = running.current()
    try:
        with run.interruptible():
            run.result = _WORKS[run.attempt.claim.job.type](run.attempt)
    except Stop as stop:
        run.stop = stop
    except Exception as error:  # noqa: BLE001 - every failure becomes a record
        run.failure = error
    except BaseException as left:  # noqa: BLE001 - even SystemExit is a failure of the job, no more
        exited = RuntimeError("the actor left by a system exit")
        run.failure = exited.with_traceback(left.__traceback__)
    _close(run)


def _close(run: Run) -> None:
    """An interrupt may have hit the closing itself; there is never a second one."""
    try:
        run.close()
    except Stop as stop:
        run.stop = stop
        run.close()
