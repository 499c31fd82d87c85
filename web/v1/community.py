"""`/v1/scanner/index-visibility`, `/public-indexes`, `/community`: indexes that all may search."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from keepsake.scanner.store.readers import RepositoryName
from web.dependencies import CommunityIndexes
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.openapi.declared import fails
from web.problems import Problem
from web.scanner.scanning import Scans
from web.v1 import views
from web.v1.standing import Flat, Name, V1Body, V1Named, standing, the_public

router = APIRouter(prefix="/v1/scanner", tags=["scanner (v1)"], route_class=BoundedRoute)


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
    one = standing(scans, caller.owner, body.org_id, body.repo)
    if one is None or not one.repository.indexes:
        raise Problem(403, "forbidden", "Only the owner of a completed index may share it.")
    public = body.share_index_publicly
    # Of two hosts' repositories of this name one is shown; none is left public.
    own = scans.search.listing.own(caller.owner, RepositoryName(body.org_id, body.repo))
    which = [one.repository] if public else own
    ids = [listed.record["_id"] for listed in which]
    indexes.expose(caller.owner, ids, public=public)
    return {"status": "ok", "org_id": body.org_id, "repo": body.repo,
            "share_index_publicly": public}  # fmt: skip


@router.get("/public-indexes", response_model=views.PublicIndexes)
def public_indexes(
    caller: Caller, indexes: CommunityIndexes, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Flat:
    """Indexes that everyone may search."""
    _, found = indexes.page(caller.owner, "", "recent", 0, limit)
    return {"status": "ok", "indexes": [{"org": one.org, "repo": one.repo} for one in found]}


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
    total, found = indexes.page(caller.owner, q, order, offset, limit)
    items = [
        {"org": one.org, "org_id": one.org, "repo": one.repo, "star_count": one.stars,
         "starred_by_me": one.starred, "completed_at": one.completed_at}
        for one in found
    ]  # fmt: skip
    return {"status": "ok", "total": total, "items": items}


@router.post("/community/star", responses=fails(409, "owner-needed"), response_model=views.Starred)
def star(body: V1Star, caller: Caller, scans: Scans, indexes: CommunityIndexes) -> Flat:
    """Give or take the caller's star; only of an index that everyone may search."""
    org = body.org_id or body.org
    found = the_public(scans, org, body.repo)
    if found is None:
        raise Problem(403, "forbidden", "This index is not public.")
    count = indexes.star(caller.owner, found.record["_id"], starred=body.starred)
    return {"status": "ok", "org": org, "repo": body.repo, "star_count": count,
            "starred": body.starred}  # fmt: skip
