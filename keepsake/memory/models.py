"""The values that flow through the pipeline."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from keepsake.memory.turn import Turn

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
    One in another language than English, which has no grammar here, is `foreign`; its `plain` is
    empty.
    """

    text: str
    plain: str
    states: bool
    reminder: bool
    speaker: str = "user"
    assertions: tuple[Assertion, ...] = ()
    foreign: bool = False


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
