"""`/v1/admin/owners/{owner}`: how many of an owner's jobs run at once, and their priority."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from keepsake.jobs import OwnerRule, Priority
from web.dependencies import Audited, Jobs
from web.edge.auth import Observer, Operator
from web.edge.body_limits import BoundedRoute

router = APIRouter(prefix="/v1/admin/owners", tags=["admin"], route_class=BoundedRoute)
OwnerName = Annotated[
    str, Path(max_length=256, pattern=r"^[\w.\-@:]+$", description="Whose", examples=["alice"])
]
_BOUND, _PRIORITY = (
    "How many of its jobs run at most at once; null is no bound",
    "That of all its jobs from now on, whatever requests say; null leaves it to these",
)


class OwnerRuleBody(BaseModel):
    """What is to hold for an owner; what is left out is lifted."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    max_running: int | None = Field(
        default=None, ge=1, le=1_000, strict=True, description=_BOUND, examples=[4]
    )
    priority: Priority | None = Field(default=None, description=_PRIORITY, examples=["bulk"])


class OwnerRuleView(BaseModel):
    """What is set for an owner."""

    owner: str
    max_running: int | None = Field(description=_BOUND, examples=[4])
    priority: str | None = Field(description=_PRIORITY, examples=["bulk"])
    by: str | None = Field(description="Who set it; null while nobody has")
    at: datetime | None = Field(description="When; null while nobody has")

    @classmethod
    def of(cls, owner: str, rule: OwnerRule) -> "OwnerRuleView":
        """The view of a rule."""
        return cls(
            owner=owner,
            max_running=rule.max_running,
            priority=rule.priority,
            by=rule.by,
            at=rule.at,
        )


@router.get("/{owner}")
def owner_rule(owner: OwnerName, _: Observer, jobs: Jobs) -> OwnerRuleView:
    """What is set for an owner."""
    return OwnerRuleView.of(owner, jobs.records.owner_rules.read(owner))


@router.put("/{owner}")
def set_owner_rule(
    owner: OwnerName, body: OwnerRuleBody, caller: Operator, jobs: Jobs, audit: Audited
) -> OwnerRuleView:
    """Set how many of an owner's jobs run at most at once, and their priority.

    Workers heed it within a second, web processes within two. What runs already goes on, and does
    not count.
    """
    audit.note("owner.set", owner, body.model_dump_json())
    rule = OwnerRule(body.max_running, body.priority)
    return OwnerRuleView.of(owner, jobs.records.owner_rules.put(owner, rule, by=caller.owner))
