"""`/v2/memory/timeline` and `/users`: what changed of a user, and which users there are."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from keepsake.memory import (
    USER_ID,
    DomainName,
    TimelineEntry,
    TimelineKind,
    TimelineMark,
)
from keepsake.storage import Moment, reading
from web.dependencies import Memory
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.memory.turns import UserId, scope_of
from web.pages import Paging

router = APIRouter(prefix="/v2/memory", tags=["memories"], route_class=BoundedRoute)


class MemoryBefore(BaseModel):
    """What a memory took the place of."""

    id: str
    content: str
    valid_from: datetime
    valid_to: datetime | None


class TimelineItem(BaseModel):
    """Something that happened, or that changed in what is known."""

    at: datetime = Field(description="When it happened, began or ended")
    kind: TimelineKind = Field(
        description="`event`: something has, or had, its day; `set`: a fact began; `changed`: it "
        "took the place of `before`; `ended`: it holds no longer, and nothing took its place"
    )
    memory_id: str
    domain: DomainName
    content: str
    slot: dict[str, Any] | None = Field(description="A fact in parts")
    when: dict[str, Any] | None = Field(description="The days that it speaks of, in its words")
    said_at: datetime
    valid_from: datetime
    valid_to: datetime | None
    before: MemoryBefore | None = Field(description="Null when it took nothing's place")
    provenance: dict[str, Any]

    @classmethod
    def of(cls, entry: TimelineEntry) -> "TimelineItem":
        """As its owner sees it."""
        memory, before = entry.memory, entry.before
        same = ("domain", "content", "slot", "said_at", "valid_from", "valid_to", "provenance")
        return cls(
            at=entry.at, kind=entry.kind, memory_id=memory["_id"], when=memory.get("when"),
            before=MemoryBefore(**before, id=before["_id"]) if before else None,
            **{name: memory[name] for name in same},
        )  # fmt: skip


class TimelineList(BaseModel):
    """Some of what happened and changed, the latest first."""

    entries: list[TimelineItem]
    next_page_token: str | None


class TimelineFilter(BaseModel):
    """Whose timeline, from when until when, and which page."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    user_id: UserId = ""
    since: Moment | None = Field(default=None, description="From then on; all when not given")
    until: Moment | None = Field(
        default=None, description="Before that; when not given, what is planned stands first"
    )
    page_size: int = Field(default=50, ge=1, le=200)
    page_token: str = Field(default="", max_length=500)


@router.get("/timeline")
def timeline(
    memory: Memory, caller: Caller, pages: Paging, filters: Annotated[TimelineFilter, Query()]
) -> TimelineList:
    """What happened to a user and what changed in what is known of them, the latest first.

    Of facts it tells where they began, what they took the place of, and where they ended without
    a follower; of events their days. What was forgotten or has expired is in it nowhere.
    """
    wanted = filters.model_dump(exclude={"page_size", "page_token"})
    token = filters.page_token
    after = TimelineMark(*pages.parts(token, (int, str, int), wanted)) if token else None
    page = memory.timeline.page(
        scope_of(caller.owner, filters.user_id),
        since=filters.since, until=filters.until, after=after, limit=filters.page_size,
    )  # fmt: skip
    mark = page.following
    more = pages.token([mark.at, mark.memory_id, mark.part], wanted) if mark else None
    with reading("timeline"):
        return TimelineList(entries=list(map(TimelineItem.of, page.entries)), next_page_token=more)


class UserView(BaseModel):
    """A user of whom something was remembered."""

    model_config = ConfigDict(from_attributes=True)

    user_id: str = Field(description="The user's id")
    turns: int = Field(description="Turns that are kept and were not forgotten")
    memories: int = Field(description="Memories that hold")
    changed_at: datetime | None = Field(description="When its memory changed last")


class UserList(BaseModel):
    """Some users, in the order of their ids."""

    users: list[UserView] = Field(description="The users of this page")
    next_page_token: str | None


class UserFilter(BaseModel):
    """Which users, and which page."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    prefix: str = Field(
        default="", max_length=256, pattern=USER_ID, description="What their ids begin with"
    )
    page_size: int = Field(default=50, ge=1, le=100)
    page_token: str = Field(default="", max_length=2_000)


@router.get("/users")
def users(
    memory: Memory, caller: Caller, pages: Paging, filters: Annotated[UserFilter, Query()]
) -> UserList:
    """The owner's users, with how much is remembered of each and when that changed last.

    What expired within the last minute may still be counted. Who was erased is none of them.
    """
    wanted = filters.prefix
    after = pages.parts(filters.page_token, (str,), wanted)[0] if filters.page_token else ""
    page = memory.users.page(
        caller.owner, prefix=filters.prefix, after=after, limit=filters.page_size
    )
    more = pages.token([page.next_after], wanted) if page.next_after else None
    return UserList(users=[UserView.model_validate(user) for user in page.users],
                    next_page_token=more)  # fmt: skip
