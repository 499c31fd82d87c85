"""`/v1/dead-letters`: what was given up; an owner's own, and all of them for operators."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from keepsake.access import OPERATORS, Principal, Role
from keepsake.jobs import LetterGroup
from keepsake.storage import Document, each_readable, reading
from web.dependencies import Audited, JobId, Jobs, Notify
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.job_views.schemas import (
    HINTS,
    AttemptView,
    ErrorView,
    JobView,
    accepted_response,
    status_url,
)
from web.openapi.declared import carries, fails
from web.pages import Paging
from web.problems import Problem

router = APIRouter(prefix="/v1/dead-letters", tags=["dead letters"], route_class=BoundedRoute)


class DeadLetterFilter(BaseModel):
    """DeadLetterFilter dead letters, and which page."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["open", "replayed", "discarded"] | None = None
    owner: str = Field(default="", max_length=256, description="For operators: one owner's only")
    page_size: int = Field(default=50, ge=1, le=200)
    page_token: str = Field(default="", max_length=500)


class LetterView(BaseModel):
    """A job that was given up."""

    job_id: str
    job_url: str
    owner: str
    type: str
    status: str
    created_at: datetime
    died_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    expires_at: datetime
    failures: int
    crashes: int
    error: ErrorView
    attempts: list[AttemptView]
    lineage: dict[str, str]
    labels: dict[str, str]
    payload: Any = Field(default=None, description="What was asked for; shown to its owner only")

    @classmethod
    def of(cls, caller: Principal, letter: Document) -> "LetterView":
        """A stored dead letter as a caller sees it; an operator also what was raised where."""
        operates, job_id = caller.role in OPERATORS, letter["_id"]
        fields = {name: letter[name] for name in cls.model_fields if name in letter}
        shown = {
            "job_id": job_id,
            "job_url": status_url(job_id),
            "expires_at": letter["expire_at"],
            "error": ErrorView.of(letter["error"], letter["died_at"], diagnosed=operates),
            "attempts": [AttemptView.of(row, diagnosed=operates) for row in letter["attempts"]],
        }
        return cls(**{**fields, **shown})


class LetterGroupView(BaseModel):
    """Open dead letters of one job type and one cause."""

    type: str = Field(examples=["scanner.scan"])
    error_type: str = Field(description="The `type` of their error", examples=["internal"])
    error_place: str | None = Field(
        description="Where it was raised; `unknown` of workers that died; null to owners",
        examples=["scanner/parse.py:88 parsed"],
    )
    letters: int = Field(description="How many", examples=[17])
    owners: int = Field(description="Of how many owners", examples=[2])
    oldest_at: datetime = Field(description="When the first of them was given up")
    newest_at: datetime = Field(description="When the last of them was given up")
    job_id: str = Field(description="The job that was given up last")
    hint: str = Field(description="What to do about it")

    @classmethod
    def of(cls, group: LetterGroup) -> "LetterGroupView":
        """The view of a group."""
        return cls(**asdict(group), hint=HINTS.get(group.error_type, ""))


class LetterGroups(BaseModel):
    """Causes of the newest 2,000 open dead letters, the 100 that have most; these first."""

    groups: list[LetterGroupView] = Field(description="The causes")


class DeadLetterPage(BaseModel):
    """Some dead letters, newest first."""

    dead_letters: list[LetterView]
    next_page_token: str | None


@router.get("")
def listed(
    caller: Caller, jobs: Jobs, pages: Paging, filters: Annotated[DeadLetterFilter, Query()]
) -> DeadLetterPage:
    """The caller's dead letters, newest first; an operator sees those of all owners."""
    owner = filters.owner or None if caller.role in OPERATORS else caller.owner
    bound = (owner, filters.status)
    begin = pages.place(filters.page_token, *bound)
    stored = jobs.letters.page(owner, filters.status, begin, filters.page_size + 1)
    more = None
    if len(stored) > filters.page_size:
        following = stored[filters.page_size]
        more = pages.token([following["died_at"], following["_id"]], *bound)
    letters = each_readable(partial(LetterView.of, caller), stored[: filters.page_size])
    return DeadLetterPage(dead_letters=list(letters), next_page_token=more)


@router.get("/groups")
def groups(
    caller: Caller,
    jobs: Jobs,
    owner: Annotated[str, Query(max_length=256, description="For operators: one owner's")] = "",
) -> LetterGroups:
    """What the caller's open dead letters died of; to operators those of all, and by place.

    Bulk actions take `type`, `error_type` and, of operators, `error_place` as they stand here.
    """
    operates = caller.role in OPERATORS
    whose = owner or None if operates else caller.owner
    causes = jobs.letters.groups(whose, by_place=operates)
    return LetterGroups(groups=[LetterGroupView.of(cause) for cause in causes])


@router.get("/{job_id}")
def read(job_id: JobId, caller: Caller, jobs: Jobs) -> LetterView:
    """One dead letter; to its owner with the payload, which holds no secret."""
    letter = jobs.replays.get(None if caller.role in OPERATORS else caller.owner, job_id)
    if letter["owner"] != caller.owner or letter["status"] == "discarded":
        letter = {name: value for name, value in letter.items() if name != "payload"}
    with reading(job_id):
        return LetterView.of(caller, letter)


@router.post(
    "/{job_id}:replay",
    status_code=202,
    responses=fails(409, "dead-letter-closed") | carries(202, "Location", "Retry-After"),
)
def replay(
    job_id: JobId, caller: Caller, jobs: Jobs, notifier: Notify, audit: Audited, response: Response
) -> JobView:
    """Make a new job from a dead letter; `lineage` links the two."""
    owner = _acting_owner(caller, audit, "dead-letter.replay", job_id)
    job = jobs.replays.replay(owner, job_id, by=caller.owner)
    notifier.notify_soon(job)
    return accepted_response(job, response)


@router.post("/{job_id}:discard", status_code=204, responses=fails(409, "dead-letter-closed"))
def discard(job_id: JobId, caller: Caller, jobs: Jobs, audit: Audited) -> None:
    """Close a dead letter for good; its payload is erased."""
    owner = _acting_owner(caller, audit, "dead-letter.discard", job_id)
    jobs.replays.discard(owner, job_id, by=caller.owner)


def _acting_owner(caller: Principal, audit: Audited, action: str, job_id: str) -> str | None:
    """Whose letters the caller may act on: its own, or an operator, audited, anyone's."""
    if caller.role is Role.OPERATOR_READ_ONLY:
        raise Problem(403, "forbidden", "This needs a key with the role `operator` or `owner`.")
    if caller.role is Role.OPERATOR:
        audit.note(action, job_id)
        return None
    return caller.owner
