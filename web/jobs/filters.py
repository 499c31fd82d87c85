"""Which of the caller's jobs are meant: for lists and for bulk actions."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from keepsake.jobs.listing import Wanted
from keepsake.jobs.policy import JobType
from keepsake.jobs.states import State
from keepsake.storage.bounds import LengthFirst
from keepsake.storage.moments import Moment


class Which(BaseModel):
    """Conditions that all hold; an absent one holds for all jobs."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    status: Annotated[list[State], Field(max_length=len(State)), LengthFirst()] = []
    type: Annotated[list[JobType], Field(max_length=len(JobType)), LengthFirst()] = []
    created_after: Moment | None = Field(default=None, examples=["2026-01-31T00:00:00Z"])
    created_before: Moment | None = None

    def wanted(self) -> Wanted:
        """The domain's filter."""
        return Wanted(
            frozenset(self.status), frozenset(self.type), self.created_after, self.created_before
        )


class Filter(Which):
    """A filter, and which page of what it finds."""

    page_size: int = Field(default=50, ge=1, le=200)
    page_token: str = Field(default="", max_length=500)
