"""`/v2/usage`: how much is stored, by kind, and how much may be."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from keepsake.access import Principal
from web.admin.owners import OwnerName
from web.edge.auth import Caller, Observer
from web.edge.body_limits import BoundedRoute
from web.edge.quota import Quota, StorageQuota

router = APIRouter(tags=["usage"], route_class=BoundedRoute)


class UsageView(BaseModel):
    """What an owner stores, as BSON: before compression, without indexes and records of jobs."""

    owner: str
    bytes: dict[str, int] = Field(
        description="By kind: `turns`, `memories`, their `vectors`, and `uploads` until they are "
        "remembered; `code_index`, `code_text` and `code_vectors` of repositories; a newer version "
        "may know others",
        examples=[
            {
                "turns": 81_240,
                "memories": 40_112,
                "vectors": 307_200,
                "uploads": 0,
                "code_index": 2_100_480,
                "code_text": 901_120,
                "code_vectors": 1_228_800,
            }
        ],
    )
    stored_bytes: int = Field(description="Their sum", examples=[4_658_952])
    limit_bytes: int | None = Field(
        description="Past it nothing is added; null is as much as there is room",
        examples=[10_000_000_000],
    )

    @classmethod
    def of(cls, owner: str, quota: StorageQuota, principal: Principal | None) -> "UsageView":
        """The usage of an owner, and the limit of one of its keys or of all."""
        sizes = quota.stored(owner)
        return cls(
            owner=owner, bytes=sizes, stored_bytes=sum(sizes.values()),
            limit_bytes=quota.limit(principal),
        )  # fmt: skip


@router.get("/v2/usage")
def stored(caller: Caller, quota: Quota) -> UsageView:
    """How much the caller's owner stores. What was deleted or expired is counted off soon after."""
    return UsageView.of(caller.owner, quota, caller)


@router.get("/v1/admin/owners/{owner}/usage")
def of_owner(owner: OwnerName, _: Observer, quota: Quota) -> UsageView:
    """How much an owner stores, and how much it may by the settings; its keys may have limits."""
    return UsageView.of(owner, quota, None)
