"""Calls that submit a job and give its handle."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload
from uuid import uuid4

from pydantic import BaseModel

from keepsake_client.handles import AsyncJob, Job
from keepsake_client.models.jobs import JobInfo
from keepsake_client.session import Request, Session, fitting
from keepsake_client.surfaces import Awaiting, Blocking, Call, ended

P = ParamSpec("P")
S = TypeVar("S")
R = TypeVar("R")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Submitted(Generic[R]):
    """A job as the service has accepted it, and what makes its result of JSON."""

    session: Session
    info: JobInfo
    fit: Callable[[object], R]


class Submission(Call[P, R]):
    """A call that gives a job's handle."""

    @overload
    def __get__(self, instance: Blocking, owner: type | None = None) -> Callable[P, Job[R]]: ...
    @overload
    def __get__(
        self, instance: Awaiting, owner: type | None = None
    ) -> Callable[P, Coroutine[Any, Any, AsyncJob[R]]]: ...
    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """The method of an instance."""
        return self._bound(instance, owner)


def submission(
    function: Callable[Concatenate[S, P], Coroutine[Any, Any, Submitted[R]]],
) -> Submission[P, R]:
    """Make a coroutine function that submits a job a call of both sides."""

    @wraps(function)
    async def awaited(*args: Any, **kwargs: Any) -> AsyncJob[R]:
        accepted = await function(*args, **kwargs)
        return AsyncJob(accepted.session, accepted.info, accepted.fit)

    @wraps(function)
    def blocking(*args: Any, **kwargs: Any) -> Job[R]:
        accepted = ended(function(*args, **kwargs))
        return Job(accepted.session, accepted.info, accepted.fit)

    return Submission(awaited, blocking)


async def submitted(
    session: Session,
    url: str,
    body: object,
    model: type[M],
    idempotency_key: str | None = None,
) -> Submitted[M]:
    """Submit a job under a key of its own, so that it is one job however often it is sent."""
    headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
    request = Request("POST", url, body=body, headers=headers, repeatable=True)
    info = await session.fetch(request, JobInfo)
    return Submitted(session, info, fitting(model))
