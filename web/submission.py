"""Accepting a job over HTTP: the request is parsed here, `keepsake.jobs` records and publishes.

The answer is the 202 or, if the client waits, the job's end.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, get_type_hints

from fastapi import APIRouter, Depends, FastAPI, Request, Response, status
from fastapi.concurrency import run_in_threadpool
from fastapi.security.base import SecurityBase
from prometheus_client import Histogram
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keepsake.access import Principal
from keepsake.jobs import Accepted, Control, GroupCommit, Job, JobError, NewJob, Registry
from keepsake.storage import StorageError
from web.edge.auth import admitted
from web.edge.body_limits import BoundedRoute
from web.edge.held_requests import HeldRequests
from web.edge.limits import BacklogLimit
from web.edge.quota import StorageQuota
from web.edge.replies import answered
from web.job_options import PLAIN, JobOptions
from web.job_views.hub import WAIT_MAX_SECONDS, Hub, wait_until
from web.job_views.schemas import JobView, ended, status_url
from web.openapi.declared import fails
from web.problems import Problem, misfit

_PREFER_MOST = 500
_WAIT = re.compile(r"\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?:;.*)?", re.IGNORECASE)
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?"
)
_ACCEPTED = Histogram(
    "keepsake_accept_seconds",
    "How long it took until an accepted job was on disk",
    ["type"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
New = NewJob | Callable[[], NewJob]
"""A job to accept; a callable makes it off the event loop, once there is room for it."""


class Submission:
    """One request's way to a job.

    caller: who asks. key: the Idempotency-Key, as it was sent. trace: the request's traceparent,
    which the job's log lines and messages carry on.
    """

    def __init__(
        self,
        commit: GroupCommit,
        limit: BacklogLimit,
        control: Control,
        hub: Hub,
        held: HeldRequests,
        quota: StorageQuota,
        caller: Principal,
        *,
        types: Registry,
        key: str | None,
        prefer: Sequence[str],
        trace: str,
    ) -> None:
        self.caller = caller
        self.key = key
        self._commit = commit
        self._limit = limit
        self._control = control
        self._hub = hub
        self._held = held
        self._quota = quota
        self._types = types
        self._prefer = prefer
        self._trace = trace

    async def accept(self, new: New) -> Job:
        """Accept a job, whatever the client prefers.

        Raises: As `respond` does.
        """
        return (await self.accepted(new, PLAIN)).job

    async def respond(self, new: New, options: JobOptions = PLAIN) -> Response:
        """Accept a job and describe it; with `Prefer: wait`, wait for its end first.

        Raises:
            JobError: The idempotency key does not fit.
            Problem: 429, when too many of the owner's jobs are unfinished; 403, when it stores as
                much as it may and the job would add to that.
            StorageUnavailable: MongoDB does not answer; the job may or may not be accepted.
        """
        return await self.described(await self.accepted(new, options))

    async def described(self, accepted: Accepted) -> Response:
        """The answer that describes an accepted job; with `Prefer: wait`, once it has ended."""
        job = accepted.job
        headers = {"Location": status_url(job.id)}
        if not accepted.created:
            headers["Idempotency-Replayed"] = "true"
        if self._prefer and (seconds := preferred_wait(self._prefer)) is not None:
            headers["Preference-Applied"] = f"wait={seconds}"
            job = await self._after_wait(job, seconds)
            if ended(job):
                return _described(job, status.HTTP_200_OK, headers)
        if not ended(job):
            headers["Retry-After"] = str(job.poll_after_seconds)
        return _described(job, status.HTTP_202_ACCEPTED, headers)

    async def accepted(self, new: New, options: JobOptions) -> Accepted:
        """Accept a job, or join the one that stands for its key.

        Raises: As `respond` does.
        """
        in_overflow = await self._limit.require_room(self.caller, exempt=options.exempt)
        job = await run_in_threadpool(new) if callable(new) else new
        if self._types[job.type].stores:
            await self._quota.require_room(self.caller)
        asked = replace(
            job,
            labels=options.labels,
            run_at=options.run_at,
            priority=options.chosen_priority,
            trace=self._trace,
            in_overflow=in_overflow,
        )
        began = time.perf_counter()
        accepted = await self._commit.accept(asked)
        _ACCEPTED.labels(job.type).observe(time.perf_counter() - began)
        return accepted

    async def _after_wait(self, job: Job, seconds: int) -> Job:
        """The job after the wait; whatever fails meanwhile, it stays accepted."""
        try:
            held = self._held.by(self.caller)
            return await wait_until(self._hub, self._control, job, ended, seconds, held)
        except (StorageError, JobError, Problem):
            return job


def _described(job: Job, status_code: int, headers: dict[str, str]) -> Response:
    """Serialised here, once: FastAPI would validate the view again."""
    body = JobView.of(job).model_dump_json()
    return Response(body, status_code, headers, media_type="application/json")


def preferred_wait(prefer: Sequence[str]) -> int | None:
    """The seconds of `Prefer: wait=N` (RFC 7240), at most 30; the first one counts.

    What is malformed is ignored, as the RFC asks.
    """
    for preference in ",".join(prefer).split(","):
        if wait := _WAIT.fullmatch(preference):
            return min(int(wait[1]), WAIT_MAX_SECONDS)
    return None


def child_of(traceparent: str | None) -> str:
    """A span of this process, in the client's trace; in a new one if the header is not valid.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    parent = _TRACEPARENT.fullmatch(traceparent or "")
    trace_id, flags = (parent[1], parent[2]) if parent else (secrets.token_hex(16), "00")
    return f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"


class SubmissionScheme(SecurityBase):
    """Reads who submits a job, and how: one dependency, as each costs as much as checking a body.

    It is a security scheme as `admitted` is, and reads the headers that `SUBMITS` documents.
    """

    def __init__(self) -> None:
        self.model = admitted.model
        self.scheme_name = admitted.scheme_name

    async def __call__(self, request: Request) -> Submission:
        """Admit the request.

        Raises:
            Problem: 401, 403 or 429.
            StorageUnavailable: MongoDB does not answer.
        """
        caller = await admitted(request)
        prefer = request.headers.getlist("prefer")
        if sum(map(len, prefer)) > _PREFER_MOST:
            raise misfit("header", "/prefer", f"At most {_PREFER_MOST} characters are allowed")
        return submission_for(
            request, caller, key=request.headers.get("idempotency-key"), prefer=prefer
        )


def submission_for(
    request: Request, caller: Principal, *, key: str | None = None, prefer: Sequence[str] = ()
) -> Submission:
    """A request's way to a job of somebody's who is known to ask."""
    state = request.app.state
    return Submission(
        state.group_commit,
        state.backlog_limit,
        state.engine.control,
        state.hub,
        state.held,
        state.quota,
        caller,
        types=state.engine.types,
        key=key,
        prefer=prefer,
        trace=request.scope.get("state", {}).get("trace")
        or child_of(",".join(request.headers.getlist("traceparent"))),
    )


submission_of = SubmissionScheme()
SubmissionDep = Annotated[Submission, Depends(submission_of)]
"""For routes that make a job: `@router.post(…, **SUBMITS)`, `submission.respond(new, body)`."""


class SubmitRoute(BoundedRoute):
    """A route `endpoint(body, submission)` that makes a job; `ShortRoutes` calls it."""

    @cached_property
    def model(self) -> type[BaseModel]:
        """What the body is."""
        model: type[BaseModel] = get_type_hints(self.endpoint)["body"]
        return model

    async def answer(self, request: Request) -> Response | None:
        """Serve a request; None if its body is not good, which FastAPI then says in detail."""
        request = await self.bounded(request)
        try:
            body = self.model.model_validate_json(await request.body())
        except ValidationError:
            return None
        endpoint: Any = self.endpoint
        response: Response = await endpoint(body, await submission_of(request))
        return response


class ShortRoutes:
    """Serves good JSON bodies of routes that make jobs, past the framework's layers.

    These take three times as long as all the rest of an accept. Every other request goes on to
    `general`, so errors and documentation are FastAPI's own; so does one whose body is not good.
    """

    def __init__(self, general: ASGIApp, app: FastAPI, routers: Iterable[APIRouter]) -> None:
        self._general = general
        self._app = app
        self._routes = {
            route.path: route
            for router in routers
            for route in router.routes
            if isinstance(route, SubmitRoute) and not route.param_convertors
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        route = self._route(scope)
        if route is None:
            await self._general(scope, receive, send)
            return
        scope.update(app=self._app, route=route, endpoint=route.endpoint, path_params={})
        replayed = Replayed(receive)
        request = Request(scope, replayed.receive)
        try:
            response = await route.answer(request)
        except Exception as error:  # noqa: BLE001 - as the framework's handlers
            response = answered(request, error)
        if response is None:
            await self._general(scope, replayed.again(), send)
        else:
            await response(scope, receive, send)

    def _route(self, scope: Scope) -> SubmitRoute | None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"]:
            return None
        route = self._routes.get(scope["path"])
        return route if route and _JSON in scope["headers"] else None


_JSON = (b"content-type", b"application/json")


class Replayed:
    """Remembers the messages of a body, for whoever has to read it once more."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    async def receive(self) -> Message:
        """The next message."""
        message = await self._receive()
        self._messages.append(message)
        return message

    def again(self) -> Receive:
        """What gives the messages so far once more, then those that follow."""
        messages = iter(self._messages)

        async def receive() -> Message:
            message = next(messages, None)
            return await self._receive() if message is None else message

        return receive


def _header(name: str, description: str, example: str, **rules: str | int) -> dict[str, Any]:
    schema = {"type": "string", "title": name, "examples": [example], **rules}
    return {
        "name": name, "in": "header", "required": False, "schema": schema,
        "description": description,
    }  # fmt: skip


SUBMITS: dict[str, Any] = {
    "status_code": status.HTTP_202_ACCEPTED,
    "response_model": JobView,
    "openapi_extra": {
        "parameters": [
            _header(
                "Idempotency-Key",
                "1 to 255 printable characters; the same key gives the same job for 24 h",
                "8e03978e-40d5-43e8-bc93-6894a57f9324",
                pattern="^[!-~]{1,255}$",
                maxLength=255,
            ),
            _header(
                "Prefer",
                "`wait=N`: answer when the job has ended, or after N ≤ 30 s (RFC 7240)",
                "wait=10",
                maxLength=_PREFER_MOST,
            ),
        ]
    },
}
"""Arguments of the decorator of each route that makes a job: its headers and answers."""
STORES: dict[str, Any] = {**SUBMITS, "responses": fails(403, "quota-exceeded")}
"""The same of each route whose job adds to what its owner stores."""
