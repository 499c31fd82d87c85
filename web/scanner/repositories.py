"""`/v2/scanner/repositories`: an owner's repositories, how far they are, who else may search."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from keepsake.scanner import SCAN, Access, ListedRepository, NotIndexed, RepositoryName, Right
from keepsake.storage import Unreadable, each_readable
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.job_views.schemas import status_url
from web.openapi.declared import fails
from web.pages import Paging
from web.problems import Problem
from web.scanner.phases import elapsed_seconds
from web.scanner.places import Host, Org, Owner, Reading, Repo, Sharing
from web.scanner.scanning import RepositoryStatus, Scanning, Scans, lane_of

router = APIRouter(prefix="/v2/scanner/repositories", tags=["scanner"], route_class=BoundedRoute)
_PLACE = (str, str, str)
IndexedBranch = Annotated[
    str,
    Query(
        min_length=1, max_length=300, description="As answers name it: `main`, `tag:v1`, `commit:…`"
    ),
]
SharedWith = Literal["organisation", "owner", "everyone"]
_SHARED_WITH: dict[Right, SharedWith | None] = {
    Right.OWN: None, Right.ORGANISATION: "organisation", Right.OWNER: "owner",
    Right.EVERYONE: "everyone",
}  # fmt: skip


class PhaseView(BaseModel):
    """How far one phase is."""

    status: str = Field(
        description="`not_started`, `pending`, `running`, `paused`, `failed`, `cancelled`, "
        "`complete`; phase 2 also `skipped`"
    )
    note: str = ""


class IndexView(BaseModel):
    """One branch, tag or commit that can be searched."""

    branch: str
    commit: str
    dirty: bool = Field(default=False, description="A working tree that differed from its commit")
    published_at: datetime
    files: int
    symbols: int
    languages: dict[str, int]


class AccessView(BaseModel):
    """How scans of a repository reach its host; a token is never shown."""

    kept_at: datetime | None = Field(
        description="When the repository was given its token; null without one", examples=[None]
    )
    refused_at: datetime | None = Field(
        description="When the host refused what scans use now; null while nothing is known against "
        "it",
        examples=[None],
    )
    waiting: int = Field(description="How many scans begin once there is a new token")


class RepositoryView(BaseModel):
    """A repository, its newest scan and its indexes."""

    host: str = Field(description="What tells it from another host's of the same name")
    org: str
    repo: str
    url: str
    owner: str
    own: bool = Field(description="False for what another owner shares")
    shared_with: SharedWith | None = Field(
        description="How the caller may search what is not its own. What a member of one of its "
        "organisations shares with this one is found by its name alone, all else with `?owner=`"
    )
    phase1: PhaseView = Field(description="Structure: files and symbols")
    phase2: PhaseView = Field(description="Summaries by a language model")
    error: str | None
    elapsed_seconds: float
    default_branch: str | None = Field(
        description="The host's. It answers where no branch is named, if it was scanned; else the "
        "index that was published last does. `null` until a scan has asked the host"
    )
    job_id: str | None = Field(description="The newest scan, while its record is kept")
    status_url: str | None
    indexes: list[IndexView]
    sharing: Sharing | None = Field(description="Shown to the repository's owner only")
    access: AccessView | None = Field(description="Shown to the repository's owner only")


class RepositoryPage(BaseModel):
    """Some repositories, by organisation and name."""

    repositories: list[RepositoryView]
    next_page_token: str | None


class RepositoryFilter(BaseModel):
    """Whose, and which page."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    whose: Literal["own", "shared"] = Field(
        default="own", description="`shared`: what others share with the caller"
    )
    page_size: int = Field(default=50, ge=1, le=200)
    page_token: str = Field(default="", max_length=5_000)


class Removed(BaseModel):
    """What went, by kind."""

    deleted: dict[str, int]


@router.get("")
def list_repositories(
    caller: Caller,
    reader: Reading,
    scans: Scans,
    pages: Paging,
    filters: Annotated[RepositoryFilter, Query()],
) -> RepositoryPage:
    """Repositories with the state of both phases; a page of shared ones may be short."""
    bound = (filters.whose, caller.organisations)
    after = pages.parts(filters.page_token, _PLACE, *bound) if filters.page_token else None
    shown, more = scans.search.listing.page(
        reader, after, filters.page_size, shared=filters.whose == "shared"
    )
    token = pages.token(more, *bound) if more else None
    return RepositoryPage(repositories=_views(scans, caller.owner, shown), next_page_token=token)


@router.get("/{org}/{repo}")
def read_repository(
    org: Org, repo: Repo, reader: Reading, scans: Scans, host: Host = None, owner: Owner = None
) -> RepositoryView:
    """One repository; the caller's own before one that an organisation shares."""
    listed = scans.search.listing.named(reader, RepositoryName(org, repo, host=host, owner=owner))
    return only_view(scans, reader.owner, listed)


@router.put(
    "/{org}/{repo}/sharing", responses=fails(403, "not-a-member") | fails(409, "host-needed")
)
def share_repository(
    org: Org, repo: Repo, body: Sharing, caller: Caller, scans: Scans, host: Host = None
) -> RepositoryView:
    """Say who else may search the repository's indexes; all others may not from now on."""
    names = body.names(caller)
    place = owned(scans, caller.owner, RepositoryName(org, repo, host=host))[0].name
    scans.search.indexes.share(caller.owner, place, names)
    return only_view(scans, caller.owner, owned(scans, caller.owner, place)[0])


@router.delete("/{org}/{repo}", responses=fails(409, "jobs-unfinished", "host-needed"))
def delete_repository(
    org: Org, repo: Repo, caller: Caller, scans: Scans, host: Host = None
) -> Removed:
    """Delete a repository, its indexes, schedules and hooks; 409 while a scan has not ended."""
    listed = _quiet(scans, caller.owner, RepositoryName(org, repo, host=host))
    own = [repository.record["_id"] for repository in listed]
    lanes = [lane_of(caller.owner, repository) for repository in own]
    scans.engine.schedules.delete_lanes(caller.owner, lanes)
    for repository in listed:
        scans.credentials.forget(repository.source)
        scans.hooks.delete_of(repository.source)
    counts: dict[str, int] = {}
    for repository_id in own:
        for kind, count in scans.search.removal.repository(caller.owner, repository_id).items():
            counts[kind] = counts.get(kind, 0) + count
    return Removed(deleted=counts)


@router.delete("/{org}/{repo}/index", responses=fails(409, "jobs-unfinished", "host-needed"))
def delete_index(
    org: Org, repo: Repo, branch: IndexedBranch, caller: Caller, scans: Scans, host: Host = None
) -> Removed:
    """Delete the index of one branch, tag or commit; 409 while a scan has not ended.

    What other indexes of the repository show stays. Of the default branch, the index that was
    published last answers then.
    """
    deleted: dict[str, int] = {}
    for repository in _quiet(scans, caller.owner, RepositoryName(org, repo, host=host)):
        deleted = scans.search.removal.index(caller.owner, repository.record["_id"], branch)
    return Removed(deleted=deleted)


def _quiet(scans: Scanning, owner: str, place: RepositoryName) -> list[ListedRepository]:
    """The owner's repositories of that name, of which no scan is under way.

    Raises:
        NotIndexed: There is none.
        Problem: 409, while a scan has not ended, or when no host is named and several have one.
    """
    own = owned(scans, owner, place)
    lanes = [lane_of(owner, repository.record["_id"]) for repository in own]
    unfinished = scans.engine.lane_jobs.unfinished(SCAN, owner, lanes)
    if unfinished:
        detail = "A scan of this repository has not ended; cancel it or wait, then ask again."
        headers = {"Retry-After": str(unfinished[0].poll_after_seconds)}
        job_ids = [job.id for job in unfinished]
        raise Problem(409, "jobs-unfinished", detail, headers=headers, job_ids=job_ids)
    return own


def owned(scans: Scanning, owner: str, place: RepositoryName) -> list[ListedRepository]:
    """What a change is about: the owner's repositories of that name, all of one host.

    Raises:
        NotIndexed: There is none.
        Problem: 409, when several hosts have one and none is named.
    """
    own = scans.search.listing.own(owner, place)
    if not own:
        raise NotIndexed("no such repository")
    hosts = sorted({listed.host for listed in own})
    if len(hosts) > 1:
        detail = "Several hosts have a repository of this name; say which with `?host=`."
        raise Problem(409, "host-needed", detail, hosts=hosts)
    return own


def _views(
    scans: Scanning, owner: str, repositories: list[ListedRepository]
) -> list[RepositoryView]:
    """A shared repository's jobs are its owner's, so others see only what is published."""
    return list(each_readable(_view, scans.statuses(owner, repositories)))


def only_view(scans: Scanning, owner: str, repository: ListedRepository) -> RepositoryView:
    """The view of one repository.

    Raises:
        Unreadable: This version cannot read it.
    """
    views = _views(scans, owner, [repository])
    if not views:
        raise Unreadable("a repository that this version cannot read")
    return views[0]


def _view(status: RepositoryStatus) -> RepositoryView:
    record, job, phases = status.repository.record, status.job, status.phases
    own = status.repository.right is Right.OWN
    return RepositoryView(
        host=status.repository.host,
        org=record["org"],
        repo=record["repo"],
        url=record["url"],
        owner=record["owner"],
        own=own,
        shared_with=_SHARED_WITH[status.repository.right],
        phase1=PhaseView(status=phases.phase1),
        phase2=PhaseView(status=phases.phase2, note=phases.note),
        error=phases.error,
        elapsed_seconds=elapsed_seconds(job),
        default_branch=record.get("default_branch"),
        job_id=job.id if job else None,
        status_url=status_url(job.id) if job else None,
        indexes=[
            IndexView(branch=index["branch"], **_facts(index["current"]))
            for index in status.repository.indexes
        ],
        sharing=Sharing.of(record) if own else None,
        access=AccessView(**asdict(Access.of(record))) if own else None,
    )


def _facts(current: dict[str, Any]) -> dict[str, Any]:
    index_stats = current["index_stats"]
    counts = {name: index_stats[name] for name in ("files", "symbols", "languages")}
    return {
        "commit": current["commit"],
        "dirty": bool(current.get("dirty")),
        "published_at": current["published_at"],
        **counts,
    }
