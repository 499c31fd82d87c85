"""The values that flow through the pipeline."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from keepsake.storage import storable

MODEL = "rules-v1"
"""What extracts memories when no language model is configured."""


class Kind(StrEnum):
    """Whether a document is what was said, or what was made of it."""

    TURN = "turn"
    MEMORY = "memory"


class Action(StrEnum):
    """What the judge decides for a candidate."""

    ADD = "ADD"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    NOOP = "NOOP"


@dataclass(frozen=True, slots=True)
class MemoryScope:
    """Whose memories: an owner's user."""

    owner: str
    user_id: str


def _moment(iso: str) -> datetime:
    """A time in ISO 8601; UTC unless it names its zone."""
    try:
        said = datetime.fromisoformat(iso)
    except ValueError:
        raise ValueError("must be an ISO 8601 date and time, or empty") from None
    return storable(said if said.tzinfo else said.replace(tzinfo=UTC))


def _is_iso(value: str) -> str:
    if value:
        _moment(value)
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
    source_id: str = Field(
        default="",
        max_length=256,
        description="The caller's id of the turn: sent again, it adds nothing",
    )
    session_id: str = Field(
        default="", max_length=256, description="The conversation that the turn belongs to"
    )

    @property
    def said_at(self) -> datetime | None:
        """When it was said, if known; UTC unless it names its zone."""
        return _moment(self.session_datetime) if self.session_datetime else None


@dataclass(frozen=True, slots=True)
class Slot:
    """A fact in parts: the `user`'s `lives_in` is `lisbon`. A single one has one value at a time.

    `instead_of` is the value that a correction takes back, of whatever attribute when the
    attribute is empty.
    """

    attribute: str
    value: str
    single: bool
    negated: bool = False
    subject: str = "user"
    instead_of: str = ""


Grain = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class When:
    """A date in words, resolved: the first and last day, how exact it is, and the words."""

    first: date
    last: date
    grain: Grain
    words: str
    time: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A fenced block."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class ConfirmedTurn:
    """The turn whose question, by the agent, the user said yes to."""

    turn_id: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something worth remembering, before it is compared with what is stored.

    `domain` is the name of one. `replaces` is the id of a memory that a language model was shown
    and says it replaces. `confirms` is the turn before, where the user only says yes to it.
    """

    domain: str
    content: str
    slot: Slot | None = None
    when: When | None = None
    code: Code | None = None
    confidence: float = 1.0
    model: str = MODEL
    replaces: str = ""
    confirms: ConfirmedTurn | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """A stored memory as the judge sees it; `keys` are those it is found by."""

    id: str
    domain: str
    content: str
    slot: Slot | None
    keys: tuple[str, ...]
    job_id: str
    valid_from: datetime
    valid_to: datetime | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether it was true at a moment."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)


@dataclass(frozen=True, slots=True)
class Invalidation:
    """The end of a memory: what follows it (nothing after a denial), and by whose effect."""

    memory_id: str
    by: str | None
    job_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Operation:
    """One decision of the judge.

    target is the memory that is replaced, closed or repeated; id is that of the one that begins.
    """

    action: Action
    candidate: Candidate
    reason: str
    target: str | None = None
    id: str = ""
    invalidations: tuple[Invalidation, ...] = ()

    @property
    def begins(self) -> bool:
        """Whether it makes a new memory."""
        return self.action in {Action.ADD, Action.UPDATE}


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one turn."""

    operations: tuple[Operation, ...]
    episode_id: str = ""
    model: str = MODEL
    degraded: str = ""
    """Why a configured language model was not used, if it was not."""
    usage: dict[str, Any] = field(default_factory=dict)
    repeated: bool = field(default=False, compare=False)
