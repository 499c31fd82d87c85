"""`/v2/scanner/hooks/{git_host}/{hook}`: what git hosts deliver. The signature is the key.

A delivery for a hook that is not there costs the same and gets the same answer as one that its
hook's secret has not signed. Of a good one nothing is fetched that it names: it says that a branch
has moved, and the scan asks the repository's host.
"""

import re
from collections.abc import Awaitable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, status
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, SecretStr
from starlette.types import Scope

from keepsake.access import Principal, Role
from keepsake.jobs import Job, State
from keepsake.scanner import (
    FIELDS_MOST,
    SCAN,
    BranchGone,
    BranchNotFound,
    EmptyRepository,
    ForbiddenSource,
    Hook,
    HookHost,
    Ignored,
    MalformedDelivery,
    NotIndexed,
    Push,
    Repository,
    ResolvedRef,
    ScanError,
    ScanRequest,
    TokenNeeded,
    delivery_id,
    event_name,
    has_signature,
    is_older,
    is_signed,
    read_event,
    resolve_ref,
)
from keepsake.storage import Document
from web.edge.body_limits import BoundedRoute, limited, require_few_values
from web.edge.limits import RequestLimit
from web.openapi.declared import fails
from web.problems import Problem
from web.scanner.hooks import HookId
from web.scanner.scanning import Scanning, Scans, lane_of
from web.submission import Submission, submission_for

router = APIRouter(prefix="/v2/scanner/hooks", tags=["scanner"], route_class=BoundedRoute)
_BODY_BYTES = 2 << 20
_BODY_VALUES = 200_000
_PATH = re.compile(rf"{router.prefix}/[^/]+/[^/]+")
_CHALLENGE = 'Signature realm="keepsake"'


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "maxLength": 300, "description": description}


_SENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "maxProperties": FIELDS_MOST,
                    "description": "An event, as its host sends it; of a push these are read",
                    "properties": {
                        "ref": _text("What moved"),
                        "before": _text("The commit it was at; zeros for a new branch"),
                        "after": _text("The commit it is at; zeros for one that is gone"),
                    },
                },
                "example": {"ref": "refs/heads/main", "before": "0" * 40, "after": "1f" * 20},
            }
        },
    }
}


class Delivered(BaseModel):
    """What a delivery came to."""

    outcome: str = Field(
        description="`accepted`: a scan; `joined`: one that waits will see the push; `waiting`: "
        "for a new token; `known`: the commit is indexed; `deleted`: the branch is gone, and its "
        "index; `repeated`; or `ignored`",
        examples=["accepted"],
    )
    reason: str = Field(default="", description="Why no scan began; empty when one did")
    job_id: str | None = Field(
        default=None, description="The scan that it began, or that will see its push"
    )


def is_delivery(path: str) -> bool:
    """Whether a path is one of a delivery, which has no key."""
    return _PATH.fullmatch(path) is not None


def admit(_: Scope) -> Awaitable[object]:
    """Let the body of a delivery be read: its route has looked at the headers before."""
    return _nothing()


async def _nothing() -> None:
    """No question is asked."""


@router.post(
    "/{git_host}/{hook}",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=_SENT,
    responses=fails(401, "delivery-refused")
    | fails(403, "quota-exceeded")
    | fails(429, "too-many-requests", "backlog-full")
    | fails(503, "storage-unavailable"),
)
async def deliver(git_host: HookHost, hook: HookId, request: Request, scans: Scans) -> Delivered:
    """Take a git host's delivery: a push to a branch becomes one scan of it."""
    headers = dict(request.headers)
    body = await _body(request, has_signature(git_host, headers))
    signer = await run_in_threadpool(_signer, scans, git_host, hook, headers, body)
    submission = await _submission(request, signer)
    event = await run_in_threadpool(_event, git_host, headers, body)
    delivery = delivery_id(git_host, headers)
    told, pushed = await _dealt_with(scans, submission, signer, event, delivery)
    last = {"event": event_name(git_host, headers), **told.model_dump()}
    await run_in_threadpool(scans.hooks.note, hook, last, pushed)
    return told


async def _body(request: Request, signed: bool) -> bytes:  # noqa: FBT001 - its only question
    """The body of a delivery that says it is signed.

    Raises:
        Problem: 401, when it does not; 413.
    """
    if not signed:
        raise _refused()
    receive = limited(request.receive, request.headers, _BODY_BYTES)
    return await Request(request.scope, receive).body()


async def _submission(request: Request, signer: Hook) -> Submission:
    """The way to a job of the hook's owner, whose requests are counted.

    Raises:
        Problem: 429, when they are spent.
    """
    caller = Principal(signer.record["owner"], Role.OWNER, signer.record["_id"])
    limit: RequestLimit = request.app.state.request_limit
    await limit.spend(caller, request)
    return submission_for(request, caller)


def _event(git_host: HookHost, headers: dict[str, str], body: bytes) -> Push | BranchGone | Ignored:
    require_few_values(body, _BODY_VALUES)
    try:
        return read_event(git_host, headers, body)
    except MalformedDelivery as error:
        detail = f"The body is not JSON: {error}."
        raise Problem(400, "malformed-json", detail, position=0) from error


async def _dealt_with(
    scans: Scanning,
    submission: Submission,
    hook: Hook,
    event: Push | BranchGone | Ignored,
    delivery: str,
) -> tuple[Delivered, Document | None]:
    """What a delivery comes to, and what is kept of its push to tell a repetition."""
    if isinstance(event, Ignored):
        return Delivered(outcome="ignored", reason=event.reason), None
    if isinstance(event, BranchGone):
        told = await _deleted(scans, submission.caller.owner, hook, event.branch)
        return told, {"delivery": delivery, "branch": event.branch, "after": ""}
    if hook.has_dealt_with(delivery) or is_older(event, hook.pushes):
        return Delivered(outcome="repeated", reason="this push was dealt with before"), None
    pushed = {"delivery": delivery, "branch": event.branch, "after": event.after}
    return await _scanned(scans, submission, hook, event), pushed


def _refused() -> Problem:
    detail = "No hook of this address takes this delivery."
    return Problem(401, "delivery-refused", detail, headers={"WWW-Authenticate": _CHALLENGE})


def _signer(
    scans: Scanning, git_host: HookHost, hook_id: str, headers: dict[str, str], body: bytes
) -> Hook:
    """The hook whose secret has signed a delivery.

    Raises:
        Problem: 401, when there is none.
    """
    hook = scans.hooks.called(git_host, hook_id)
    secret = hook.secret if hook else scans.hooks.no_secret
    if not is_signed(git_host, headers, body, secret) or hook is None:
        raise _refused()
    return hook


async def _scanned(scans: Scanning, submission: Submission, hook: Hook, push: Push) -> Delivered:
    """One scan of the branch: one that waits will see this push, one that runs may not."""
    request = ScanRequest.model_validate({**hook.record["request"], "branch": push.branch})
    try:
        repository = scans.source(request.url, submission.caller.owner)
    except ForbiddenSource as error:
        return Delivered(outcome="ignored", reason=str(error))
    seen = await run_in_threadpool(_seen, scans, repository, request, push)
    if isinstance(seen, Delivered):
        return seen
    make = partial(
        scans.new_job, submission.caller, repository, request, SecretStr(""), head=None, after=seen
    )
    return Delivered(outcome="accepted", job_id=(await submission.accept(make)).id)


def _seen(
    scans: Scanning, repository: Repository, request: ScanRequest, push: Push
) -> Delivered | str | None:
    """What a push needs no new scan for; else the scan that runs already, if one does."""
    lane = lane_of(repository.owner, repository.id)
    unfinished = scans.engine.lane_jobs.unfinished(SCAN, repository.owner, [lane])
    alike = [job for job in unfinished if _is_of(job, request)]
    for job in alike:
        if job.record["token"] == 0 and job.state != State.SCHEDULED:
            return Delivered(outcome="joined", job_id=job.id)
    head = ResolvedRef(commit=push.after, branch=push.branch, full_ref="")
    if not alike and scans.indexed(repository, head, request):
        return Delivered(outcome="known", reason="the commit is indexed")
    try:
        scans.credentials.usable(repository, None)
    except TokenNeeded as error:
        scans.credentials.wait(repository, request)
        return Delivered(outcome="waiting", reason=str(error))
    started = [job.id for job in alike if job.record["token"]]
    return started[0] if started else None


async def _deleted(scans: Scanning, owner: str, hook: Hook, branch: str) -> Delivered:
    """Delete the index of a branch if its host says that it is gone: a delivery may come late."""
    request = ScanRequest.model_validate({**hook.record["request"], "branch": branch})
    try:
        repository = scans.source(request.url, owner)
        token = await run_in_threadpool(scans.credentials.usable, repository, None)
        await scans.look(lambda bounds: resolve_ref(repository, request.ref, token, bounds))
    except (BranchNotFound, EmptyRepository):
        return await run_in_threadpool(_removed, scans, repository, branch)
    except (ScanError, Problem) as error:
        return Delivered(outcome="ignored", reason=f"the host does not say it is gone: {error}")
    return Delivered(outcome="ignored", reason="the branch is there")


def _removed(scans: Scanning, repository: Repository, branch: str) -> Delivered:
    lane = lane_of(repository.owner, repository.id)
    if scans.engine.lane_jobs.unfinished(SCAN, repository.owner, [lane]):
        return Delivered(outcome="ignored", reason="a scan has not ended; delete the index by hand")
    try:
        scans.search.removal.index(repository.owner, repository.id, branch)
    except NotIndexed:
        return Delivered(outcome="ignored", reason="the branch has no index")
    return Delivered(outcome="deleted", reason="the branch is gone, and its index with it")


def _is_of(job: Job, request: ScanRequest) -> bool:
    """Whether a scan reads the same of the same branch."""
    wanted = request.model_dump(mode="json")
    return all(value == wanted.get(name) for name, value in job.record["payload"].items())
