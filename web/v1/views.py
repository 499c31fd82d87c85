"""What `/v1/scanner` takes and answers, in XMem's words.

Answers are flat, and fields that do not apply are left out.
"""

import math
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from keepsake.scanner import (
    EVERYONE,
    ForbiddenSource,
    ListedRepository,
    Repository,
    RepositoryName,
    ScanRequest,
)
from web.problems import Problem
from web.scanner.phases import Phases
from web.scanner.scanning import RepositoryStatus, Scanning

_SOON = "pending"
Flat = dict[str, Any]
Name = Annotated[str, Field(min_length=1, max_length=500)]
_WORDS = {"skipped": "not_started", "cancelled": "failed"}


class V1Ok(BaseModel):
    """An answer that is no error."""

    status: Literal["ok"] = "ok"


class Phased(V1Ok):
    """Where both phases are.

    Each is `not_started`, `pending`, `running`, `paused`, `failed` or `complete`.
    """

    phase1_status: str = Field(default=_SOON, examples=["complete"])
    phase2_status: str = Field(default=_SOON, examples=["not_started"])


class Validated(V1Ok):
    """Whether a repository can be read; if not, why."""

    org: str
    repo: str
    accessible: bool
    needs_pat: bool | None = None
    auth_error: bool | None = None
    error: str | None = None
    is_private: bool | None = None
    default_branch: str | None = None
    description: str | None = None
    language: str | None = None
    size_kb: int | None = None
    estimates: dict[str, Any] | None = None


class BranchList(V1Ok):
    """The branches of a repository."""

    branches: list[str]
    default_branch: str | None


class Started(Phased):
    """The scan that answers a request: a new one, or one that is there."""

    job_id: str
    org: str
    repo: str
    reused: bool = Field(description="This commit is indexed: there is nothing to do")
    message: str | None = None
    commit_sha: str | None = None


class ScanStatus(Phased):
    """How far a repository is."""

    elapsed_seconds: float | None = None
    error: str | None = None
    stats: dict[str, Any] | None = None
    phase2_stats: dict[str, Any] | None = None
    share_index_publicly: bool | None = None


class Acted(Phased):
    """What became of a pause or a resume."""

    message: str


class Repo(BaseModel):
    """One repository of the caller's."""

    org: str
    repo: str
    branch: str
    phase1_status: str
    phase2_status: str
    share_index_publicly: bool


class RepoList(V1Ok):
    """The caller's repositories."""

    repos: list[Repo]


class Visibility(V1Ok):
    """Whether everyone may search an index."""

    org_id: str
    repo: str
    share_index_publicly: bool


class PublicIndex(BaseModel):
    """An index that everyone may search."""

    org: str
    repo: str


class PublicIndexes(V1Ok):
    """Indexes that everyone may search."""

    indexes: list[PublicIndex]


class CommunityItem(PublicIndex):
    """A public index and its stars; `org_id` is `org`, as XMem's MCP server reads it."""

    org_id: str
    star_count: int
    starred_by_me: bool
    completed_at: datetime


class CommunityPage(V1Ok):
    """Some public indexes."""

    total: int
    items: list[CommunityItem]


class Starred(V1Ok):
    """The stars of an index after one was given or taken."""

    org: str
    repo: str
    star_count: int
    starred: bool


class V1Body(BaseModel):
    """XMem sends a `username` with everything; whose it is follows from the key."""

    model_config = ConfigDict(hide_input_in_errors=True, str_strip_whitespace=True)

    username: str = Field(default="", max_length=500, deprecated=True)


class V1Named(V1Body):
    """A repository by its name."""

    org_id: Name
    repo: Name


def source(scans: Scanning, url: str, owner: str) -> Repository:
    """The repository that a client's URL names.

    Raises:
        Problem: 400, when it names none that may be scanned.
    """
    try:
        return scans.source(url, owner)
    except ForbiddenSource as error:
        detail = f"Invalid repository URL: {error}."
        raise Problem(400, "repository-unreadable", detail) from error


def scan_request(url: str, branch: str) -> ScanRequest:
    """What to scan; without a branch, the default one.

    Raises:
        Problem: 400, when no branch can have this name.
    """
    try:
        return ScanRequest(url=url, branch=branch or None)
    except ValidationError as error:
        detail = "Invalid branch: git allows no branch to be called so."
        raise Problem(400, "repository-unreadable", detail) from error


def status_of(scans: Scanning, owner: str, org: str, repo: str) -> RepositoryStatus | None:
    """Where an owner's repository stands; of two hosts' the one that was scanned last."""
    statuses = scans.statuses(owner, scans.search.listing.own(owner, RepositoryName(org, repo)))
    return max(statuses, key=_recency, default=None)


def the_public(scans: Scanning, org: str, repo: str) -> ListedRepository | None:
    """The one public index of a name, where names say neither owner nor host.

    Raises:
        Problem: 409, when there are several: none of them is what the name means.
    """
    public = scans.search.listing.public(org, repo)
    if len(public) > 1:
        detail = "Several public indexes have this name; /v2/scanner tells them apart by owner."
        raise Problem(409, "owner-needed", detail)
    return public[0] if public else None


def shown(phases: Phases) -> Flat:
    """The phases in XMem's words, which know neither a skipped nor a cancelled one.

    A phase that will not come is not pending: XMem's own client polled such a scan for ever.
    """
    return {
        "phase1_status": _WORDS.get(phases.phase1, phases.phase1),
        "phase2_status": _WORDS.get(phases.phase2, phases.phase2),
    }


def relevance(score: float) -> float:
    """A score of any size between 0 and 1, in the same order: XMem's clients drop what is low."""
    return round(1 / (1 + math.exp(-max(min(score, 500), -500))), 3)


def is_public(status: RepositoryStatus) -> bool:
    """Whether everyone may search its index; not unless its owner said so."""
    return EVERYONE in status.repository.record["shared_with"]


def _recency(status: RepositoryStatus) -> str:
    return status.job.record["created_at"].isoformat() if status.job else ""
