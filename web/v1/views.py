"""What `/v1/scanner` answers: flat, and fields that do not apply are left out."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

_SOON = "pending"


class Told(BaseModel):
    """An answer that is no error."""

    status: Literal["ok"] = "ok"


class Phased(Told):
    """Where both phases are.

    Each is `not_started`, `pending`, `running`, `paused`, `failed` or `complete`.
    """

    phase1_status: str = Field(default=_SOON, examples=["complete"])
    phase2_status: str = Field(default=_SOON, examples=["not_started"])


class Validated(Told):
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


class Branches(Told):
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


class Status(Phased):
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


class Repos(Told):
    """The caller's repositories."""

    repos: list[Repo]


class Visibility(Told):
    """Whether everyone may search an index."""

    org_id: str
    repo: str
    share_index_publicly: bool


class PublicIndex(BaseModel):
    """An index that everyone may search."""

    org: str
    repo: str


class PublicIndexes(Told):
    """Indexes that everyone may search."""

    indexes: list[PublicIndex]


class CommunityItem(PublicIndex):
    """A public index and its stars; `org_id` is `org`, as XMem's MCP server reads it."""

    org_id: str
    star_count: int
    starred_by_me: bool
    completed_at: datetime


class CommunityPage(Told):
    """Some public indexes."""

    total: int
    items: list[CommunityItem]


class Starred(Told):
    """The stars of an index after one was given or taken."""

    org: str
    repo: str
    star_count: int
    starred: bool
