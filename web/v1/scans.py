"""`/v1/scanner/status`, `/pause`, `/resume`, `/repos`, `/community` and so on.

Where scans stand, holding them, and the indexes that everyone may search.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from keepsake.jobs import IllegalMove, Job, State
from keepsake.scanner import RepositoryName
from keepsake.storage import each_readable
from web.dependencies import CommunityIndexes, Notify
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.openapi.declared import fails
from web.problems import Problem
from web.scanner.phases import Phases, elapsed_seconds
from web.scanner.places import Reading
from web.scanner.scanning import RepositoryStatus, Scanning, Scans
from web.v1 import views
from web.v1.views import Flat, Name, V1Body, V1Named, is_public, shown, status_of, the_public

router = APIRouter(prefix="/v1/scanner", tags=["scanner (v1)"], route_class=BoundedRoute)
_PAUSE_FAILURES = fails(400, "illegal-move") | fails(404, "job-not-found")
_REPOSITORIES_MOST = 500
_STATS = {
    "total_files_to_process": "files", "files_processed": "parsed", "files_errored": "failed",
    "symbols_indexed": "symbols",
}  # fmt: skip


@router.get("/status", response_model=views.ScanStatus, response_model_exclude_unset=True)
def read_status(
    caller: Caller, scans: Scans, org_id: Annotated[Name, Query()], repo: Annotated[Name, Query()]
) -> Flat:
    """How far both phases of a repository are."""
    status = status_of(scans, caller.owner, org_id, repo)
    if status is None:
        return {"status": "ok", **shown(Phases("not_started", "not_started"))}
    answer: Flat = {
        "status": "ok",
        **shown(status.phases),
        "elapsed_seconds": elapsed_seconds(status.job),
        "error": status.phases.error,
        "share_index_publicly": is_public(status),
    }
    if stats := _stats(status):
        answer["stats"] = stats
    if status.phases.note:
        answer["phase2_stats"] = {"note": status.phases.note}
    return answer


@router.post("/pause", responses=_PAUSE_FAILURES, response_model=views.Acted)
def pause(body: V1Named, caller: Caller, scans: Scans) -> Flat:
    """Pause a scan: at once when it waits, at its next checkpoint when it runs."""
    job = _job(scans, caller.owner, body)
    if job.state is State.PAUSED:
        raise _not_active(job)
    try:
        now = scans.engine.control.pause(caller.owner, job.id, by=caller.owner)
    except IllegalMove as error:
        raise _not_active(job) from error
    paused = now.state is State.PAUSED
    message = "Scan paused." if paused else "Scan pauses at its next checkpoint."
    return _acted(scans, caller.owner, body, message)


@router.post("/resume", responses=_PAUSE_FAILURES, response_model=views.Acted)
def resume(body: V1Named, caller: Caller, scans: Scans, notifier: Notify) -> Flat:
    """Let a paused scan go on from where it stands, with the token it was started with."""
    job = _job(scans, caller.owner, body)
    try:
        notifier.notify_soon(scans.engine.control.resume(caller.owner, job.id, by=caller.owner))
    except IllegalMove as error:
        raise Problem(400, "illegal-move", "Scan is not paused.", state=job.state) from error
    return _acted(scans, caller.owner, body, "Scan resumed.")


@router.get("/repos", response_model=views.RepoList)
def repos(reader: Reading, scans: Scans) -> Flat:
    """The caller's first 500 repositories, as far as they are."""
    repositories, _ = scans.search.listing.page(reader, None, _REPOSITORIES_MOST, shared=False)
    shown_all = list(each_readable(_listed, scans.statuses(reader.owner, repositories)))
    return {"status": "ok", "repos": shown_all}


def _listed(status: RepositoryStatus) -> Flat:
    record = status.repository.record
    return {
        "org": record["org"],
        "repo": record["repo"],
        "branch": status.branch,
        **shown(status.phases),
        "share_index_publicly": is_public(status),
    }


def _job(scans: Scanning, owner: str, body: V1Named) -> Job:
    status = status_of(scans, owner, body.org_id, body.repo)
    if status is None or status.job is None:
        raise Problem(404, "job-not-found", "No scan job found for this repository.")
    return status.job


def _not_active(job: Job) -> Problem:
    return Problem(400, "illegal-move", "No active scan to pause.", state=job.state)


def _acted(scans: Scanning, owner: str, body: V1Named, message: str) -> Flat:
    status = status_of(scans, owner, body.org_id, body.repo)
    return {"status": "ok", "message": message, **(shown(status.phases) if status else {})}


def _stats(status: RepositoryStatus) -> dict[str, Any]:
    """What a finished scan counted, in XMem's names and ours; of one that runs, how far it is."""
    result = status.job.get("result") if status.job else None
    if result:
        counted = result["stats"]
        return {**counted, **{theirs: counted[ours] for theirs, ours in _STATS.items()}}
    progress = status.job.get("progress") if status.job else None
    if not progress:
        return {}
    return {"stage": progress["stage"], "total_files_to_process": progress["total"],
            "files_processed": progress["done"]}  # fmt: skip


class V1Visibility(V1Named):
    """Whether all who have a key may search."""

    share_index_publicly: bool


class V1Star(V1Body):
    """A star, given or taken."""

    org_id: str = Field(default="", max_length=500, examples=["pallets"])
    org: str = Field(default="", max_length=500, description="XMem takes either")
    repo: Name
    starred: bool


@router.post(
    "/index-visibility", responses=fails(404, "not-indexed"), response_model=views.Visibility
)
def index_visibility(
    body: V1Visibility, caller: Caller, scans: Scans, indexes: CommunityIndexes
) -> Flat:
    """Share an own index with everyone, or no longer; nobody else can."""
    status = status_of(scans, caller.owner, body.org_id, body.repo)
    if status is None or not status.repository.indexes:
        raise Problem(403, "forbidden", "Only the owner of a completed index may share it.")
    public = body.share_index_publicly
    # Of two hosts' repositories of this name one is shown; none is left public.
    own = scans.search.listing.own(caller.owner, RepositoryName(body.org_id, body.repo))
    which = [status.repository] if public else own
    ids = [listed.record["_id"] for listed in which]
    indexes.expose(caller.owner, ids, public=public)
    return {"status": "ok", "org_id": body.org_id, "repo": body.repo,
            "share_index_publicly": public}  # fmt: skip


@router.get("/public-indexes", response_model=views.PublicIndexes)
def public_indexes(
    caller: Caller, indexes: CommunityIndexes, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Flat:
    """Indexes that everyone may search."""
    _, shared = indexes.page(caller.owner, "", "recent", 0, limit)
    return {"status": "ok", "indexes": [{"org": index.org, "repo": index.repo} for index in shared]}


@router.get("/community", response_model=views.CommunityPage)
def community(
    caller: Caller,
    indexes: CommunityIndexes,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(max_length=20)] = "stars",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Flat:
    """The same with their stars; any other order than `recent` is by stars, as in XMem."""
    order: Literal["recent", "stars"] = "recent" if sort == "recent" else "stars"
    total, shared = indexes.page(caller.owner, q, order, offset, limit)
    items = [
        {"org": index.org, "org_id": index.org, "repo": index.repo, "star_count": index.stars,
         "starred_by_me": index.starred, "completed_at": index.completed_at}
        for index in shared
    ]  # fmt: skip
    return {"status": "ok", "total": total, "items": items}


@router.post("/community/star", responses=fails(409, "owner-needed"), response_model=views.Starred)
def star(body: V1Star, caller: Caller, scans: Scans, indexes: CommunityIndexes) -> Flat:
    """Give or take the caller's star; only of an index that everyone may search."""
    org = body.org_id or body.org
    index = the_public(scans, org, body.repo)
    if index is None:
        raise Problem(403, "forbidden", "This index is not public.")
    count = indexes.star(caller.owner, index.record["_id"], starred=body.starred)
    return {"status": "ok", "org": org, "repo": body.repo, "star_count": count,
            "starred": body.starred}  # fmt: skip
