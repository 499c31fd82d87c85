"""The values that flow through the pipeline."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

MODEL = "rules-v1"
"""What extracted a memory; no language model is involved."""


class Domain(StrEnum):
    """What a memory is about."""

    PROFILE = "profile"
    """Facts and preferences of the user."""
    TEMPORAL = "temporal"
    """Events with a date."""
    SUMMARY = "summary"
    """What was said, verbatim: every turn is kept and can be found."""


class Action(StrEnum):
    """What the judge decides for a candidate."""

    ADD = "ADD"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    NOOP = "NOOP"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose memories: an owner's user."""

    owner: str
    user_id: str


def _is_iso(value: str) -> str:
    if value:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("must be an ISO 8601 date and time, or empty") from None
    return value


class Turn(BaseModel):
    """One exchange, with XMem's names and limits."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    user_query: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)
    ] = Field(description="What the user said", examples=["I live in Lisbon."])
    agent_response: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)] = (
        Field(default="", description="What the agent answered")
    )
    session_datetime: Annotated[str, AfterValidator(_is_iso)] = Field(
        default="", max_length=64, description="When it was said, ISO 8601; now when empty"
    )
    image_url: str = Field(default="", max_length=50_000, description="URL or data URI")
    effort_level: Literal["low", "high"] = "low"

    @property
    def said_at(self) -> datetime | None:
        """When it was said, if known."""
        return datetime.fromisoformat(self.session_datetime) if self.session_datetime else None


@dataclass(frozen=True, slots=True)
class Slot:
    """A fact in parts: `lives_in` = `lisbon`. A single one has one value at a time."""

    attribute: str
    value: str
    single: bool
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something worth remembering, before it is compared with what is stored."""

    domain: Domain
    content: str
    slot: Slot | None = None
    event_date: str | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """A stored memory as the judge and the search see it."""

    id: str
    domain: Domain
    content: str
    slot: Slot | None
    event_date: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Operation:
    """One decision of the judge; target is the memory that is replaced, closed or repeated."""

    action: Action
    candidate: Candidate
    reason: str
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one turn."""

    operations: tuple[Operation, ...]
    episode_id: str = ""
    skipped: int = 0
    repeated: bool = field(default=False, compare=False)

    def envelope(self) -> dict[str, Any]:
        """XMem's `data` of an ingest."""
        return {
            "model": MODEL,
            "classification": [],
            **{str(domain): self._domain(domain) for domain in Domain},
            "image": None,
        }

    def _domain(self, domain: Domain) -> dict[str, Any] | None:
        mine = [one for one in self.operations if one.candidate.domain is domain]
        if not mine:
            return None
        noops = sum(one.action is Action.NOOP for one in mine)
        return {
            "confidence": 1.0,
            "operations": [
                {"type": str(one.action), "content": one.candidate.content, "reason": one.reason}
                for one in mine
            ],
            "weaver": {"succeeded": len(mine) - noops, "skipped": noops, "failed": 0},
        }
