"""Each job type becomes a Dramatiq actor; all of them run what their thread has claimed."""

from typing import Any

import dramatiq
from pydantic import BaseModel, ValidationError

from keepsake.jobs import Attempt, Misfit, Priority, Registry, Resources, Stop, Work, loaded
from middleware import running
from middleware.broker import ANY_LANE
from middleware.notifier import overflow_actor
from middleware.running import Run

_LAST = 10
"""The priority of what may wait, of the messages that a worker holds (`middleware.work_queue`)."""


class Performer:
    """The work of all types, with the services that they share."""

    def __init__(self, types: Registry, resources: Resources) -> None:
        self._types = types
        self._resources = resources
        self._works: dict[str, Work[Any]] = {}

    def perform(self, job_id: str, lane: str, **marks: bool) -> None:
        """Run what this thread's claim holds.

        The arguments are the claim's, which was won before. A notification is for a lane, so the
        claimed job may be another one than the message names, even of another type. Nothing is
        raised into Dramatiq, which would log the actor's exception with the user's text; nothing
        is returned, which would log a warning.
        """
        run = running.current_run()
        try:
            with run.interruptible():
                run.result = self._result(run.attempt)
        except Stop as stop:
            run.stop = stop
        except Exception as error:  # noqa: BLE001 - every failure becomes a record
            run.failure = error
        except BaseException as left:  # noqa: BLE001 - even SystemExit is a failure of the job
            exited = RuntimeError("the actor left by a system exit")
            run.failure = exited.with_traceback(left.__traceback__)
        _close(run)

    def _result(self, attempt: Attempt) -> Any:
        name = attempt.claim.job.type
        payload = _read(self._types[name].payload, attempt.payload)
        return self._work(name)(attempt, payload, self._resources)

    def _work(self, name: str) -> Work[Any]:
        """The work of a type; a worker loads none of queues that it does not serve."""
        if name not in self._works:
            self._works[name] = loaded(self._types[name].work)
        return self._works[name]


def declare(types: Registry, resources: Resources) -> None:
    """Declare the actors of all types, and one for what only another version declares."""
    perform = Performer(types, resources).perform
    for name, job_type in types.items():
        last = job_type.priority is Priority.BULK and not job_type.queue.overflow
        _actor(name, job_type.queue.name, perform, priority=_LAST if last else 0)
        if job_type.queue.overflow_name:
            _actor(overflow_actor(name), job_type.queue.overflow_name, perform, priority=_LAST)
    _actor(ANY_LANE, types.queues[0], perform)


def _actor(name: str, queue: str, perform: Any, priority: int = 0) -> None:
    def act(job_id: str, lane: str, **marks: bool) -> None:
        perform(job_id, lane, **marks)

    dramatiq.actor(actor_name=name, queue_name=queue, priority=priority)(act)


def _read(model: type[BaseModel], payload: Any) -> BaseModel:
    """A payload as its type declares it; the error names places, and no value.

    Raises:
        Misfit: It does not fit; no retry can mend it.
    """
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        places = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})
        raise Misfit(f"the payload does not fit: {', '.join(places) or 'its type'}") from error


def _close(run: Run) -> None:
    """An interrupt may have hit the closing itself; there is never a second one."""
    try:
        run.close()
    except Stop as stop:
        run.stop = stop
        run.close()
