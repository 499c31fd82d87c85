"""The values that flow through the pipeline."""

import hashlib
from collections.abc import Callable, Iterable
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


class PlainTurn(BaseModel):
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


class Turn(PlainTurn):
    """One exchange as it is remembered; of a long one a part may hold an answer alone."""

    user_query: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)] = Field(
        description="What the user said", examples=["I live in Lisbon."]
    )
    speaker: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        default="",
        max_length=64,
        description="Who said it, when that was not the user but somebody of this name",
    )

    @property
    def identity(self) -> str:
        """What makes a turn the same turn when it is sent again.

        The caller's id of it, else all that was sent: words, session and time.
        """
        if self.source_id:
            return f"source:{self.source_id}"
        parts = (self.user_query, self.agent_response, self.session_id, self.session_datetime,
                 self.image_url)  # fmt: skip
        return "said:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()

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
    """A date in words, resolved: the first and last day, how exact it is, and the words.

    ambiguous: the words can be read as the first or as the last day (`03/04/2025`).
    """

    first: date
    last: date
    grain: Grain
    words: str
    time: str = ""
    ambiguous: bool = False


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
    and says it replaces. `confirms` is the turn before, where the user only says yes to it. `ends`
    are facts that it takes back beside itself: who is divorced has no husband any more. `forgets`
    is a topic of which nothing is to be known any more, `ceases` words of habits and of events to
    come that are so no more. `signs` is what the grammar of a mere
    proposal says, by which it is judged whether it lasts; empty if it is no proposal.
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
    ends: tuple[Slot, ...] = ()
    forgets: str = ""
    ceases: str = ""
    signs: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """A stored memory as the judge sees it, found by its `keys`; `day` is that of an event."""

    id: str
    domain: str
    content: str
    slot: Slot | None
    keys: tuple[str, ...]
    job_id: str
    valid_from: datetime
    valid_to: datetime | None = None
    day: date | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether it was true at a moment."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)


@dataclass(frozen=True, slots=True)
class JudgedTurn:
    """Which turn is judged: when it was said, by which job it came and what its ids begin with.

    repeated: the same turn is stored. identified: it has an id or a time of its own, so that the
    same one is no other that says the same.
    """

    said_at: datetime
    job_id: str
    prefix: str
    repeated: bool = False
    identified: bool = True


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


Tense = Literal["present", "past", "perfect", "future"]


@dataclass(frozen=True, slots=True)
class Term:
    """What fills a slot: `text` is the noun with what stands before it and its `of`.

    full: the text with all that follows. head: the noun's lemma. tag: its part of speech. entity:
    what kind of name it is, if it is one. article: `a`, `the`, `my` or none.
    """

    text: str
    full: str = ""
    head: str = ""
    tag: str = "NN"
    entity: str = ""
    article: str = ""

    @property
    def lower(self) -> str:
        """The text as a value is compared."""
        return self.text.lower()


@dataclass(frozen=True, slots=True)
class Assertion:
    """A clause that is stated in earnest by its speaker.

    subjects: `user`, or relations of the user (`sister`, `friend tom`). topic: what the clause is
    about when that is a thing of the user's (`favorite color`). verb: its lemma, with its particle;
    `be` with an adjective or participle is one verb (`be allergic`). slots: by preposition, and
    `object`, `is` (what the subject is) and `to do`. phrase: the verb and what belongs to it.
    became: `got divorced`. begun: `started running`. ended: it says that this is no longer so.
    lasting: it says since when.
    """

    subjects: tuple[str, ...]
    verb: str
    slots: dict[str, list[Term]] = field(default_factory=dict)
    topic: str = ""
    tense: Tense = "present"
    progressive: bool = False
    negated: bool = False
    ended: bool = False
    can: bool = False
    rather: bool = False
    became: bool = False
    begun: bool = False
    lasting: bool = False
    adverbs: frozenset[str] = frozenset()
    phrase: str = ""

    def terms(self, *slots: str) -> list[Term]:
        """What fills the first of some slots that is there."""
        return next((self.slots[slot] for slot in slots if slot in self.slots), [])


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of what somebody said.

    `plain` is the text without lead-in and contractions. `states` says whether it states something
    in earnest, `reminder` whether it asks to be reminded. `assertions` is what its grammar says.
    """

    text: str
    plain: str
    states: bool
    reminder: bool
    speaker: str = "user"
    assertions: tuple[Assertion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What memories may be about.

    name: as it is stored and shown.
    belongs, read: whether a clause belongs to it, and what such a clause says on a day.
    read_turn: what the whole turn says, where that is not read clause by clause.
    asked_of_model: what a configured language model is asked to keep, instead of the rules; none
        if empty. What was kept so is shown to the model again, which may replace it.
    dated: whether a model gives a day with it, rather than a fact in parts.
    source: its name in the classification that an ingest answers; left out if empty.
    reported: whether an ingest answers its operations in a field of its own, null when there are
        none.
    """

    name: str
    belongs: Callable[[Clause], bool] | None = None
    read: Callable[[Clause, date], Iterable[Candidate]] | None = None
    read_turn: Callable[[Turn], Iterable[Candidate]] | None = None
    asked_of_model: str = ""
    dated: bool = False
    source: str = ""
    reported: bool = False
