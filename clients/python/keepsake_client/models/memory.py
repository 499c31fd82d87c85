"""What is remembered, and what jobs of memory give."""

from datetime import datetime
from typing import Any

from pydantic import Field

from keepsake_client.models import Record


class Remembered(Record):
    """What one turn gave: the domains that it says something of, each with its operations."""

    model: str = ""
    profile: dict[str, Any] | None = None
    temporal: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None


class ManyRemembered(Record):
    """How many turns of a batch or a conversation went how."""

    succeeded: int
    skipped: int = 0
    failed: int = 0
    turns: int | None = None
    results: list[dict[str, Any]] = Field(default_factory=list)


class Stated(Record):
    """What a fact by hand did: operations, each with its `type`, `content` and `memory_id`."""

    operations: list[dict[str, Any]] = Field(default_factory=list)


class Unread(Record):
    """A conversation of an upload that was not remembered, or not wholly."""

    conversation: str
    error: str


class Uploaded(Record):
    """What became of an upload: its conversations, and their turns.

    empty: in how many nobody said anything. unread: how many were not remembered, or not wholly;
    named: the first hundred of them.
    """

    conversations: int
    empty: int = 0
    unread: int = 0
    named: list[Unread] = Field(default_factory=list)
    turns: int = 0
    succeeded: int = 0
    skipped: int = 0
    failed: int = 0
    usage: dict[str, Any] | None = None


class Version(Record):
    """What a memory said for a while."""

    id: str
    content: str
    valid_from: datetime
    valid_to: datetime | None = None
    superseded_by: str | None = None
    provenance: dict[str, Any] = Field(default_factory=dict)


class Memory(Record):
    """A memory, or a turn as it was said; `valid_to` is None while it holds.

    provenance: the job, turn and model that it comes from. support: the turns that say it.
    """

    id: str
    kind: str
    domain: str = ""
    content: str
    confidence: float = 0
    created_at: datetime | None = None
    said_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    supersedes: str | None = None
    superseded_by: str | None = None
    provenance: dict[str, Any] = Field(default_factory=dict)
    support: list[dict[str, Any]] = Field(default_factory=list)
    slot: dict[str, Any] | None = None
    when: dict[str, Any] | None = None
    response: str | None = None
    session_id: str | None = None
    source_id: str | None = None
    speaker: str | None = None
    agent_id: str | None = None
    run_id: str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    expires_at: datetime | None = None
    history: list[Version] = Field(default_factory=list)


class MemoryPage(Record):
    """Some memories."""

    memories: list[Memory]
    next_page_token: str | None = None


class ContextItem(Record):
    """A fact, an event or a turn of a context; what it does not have is empty or None."""

    id: str
    content: str
    said_at: datetime | None = None
    subject: str = ""
    attribute: str = ""
    valid_from: datetime | None = None
    first: str = ""
    last: str = ""
    time: str = ""
    speaker: str = ""
    response: str = ""


class Context(Record):
    """What is remembered of a user, for a prompt: `markdown`, and the same by section.

    tokens: how many the Markdown takes at most. left_out: how much did not fit.
    """

    markdown: str
    tokens: int = 0
    left_out: int = 0
    instructions: list[ContextItem] = Field(default_factory=list)
    profile: list[ContextItem] = Field(default_factory=list)
    events: list[ContextItem] = Field(default_factory=list)
    turns: list[ContextItem] = Field(default_factory=list)


class Before(Record):
    """What a memory took the place of."""

    id: str
    content: str
    valid_from: datetime
    valid_to: datetime | None = None


class TimelineEntry(Record):
    """Something that happened, or that changed in what is known.

    kind: `event`, or of a fact `set`, `changed` or `ended`. before: what it took the place of.
    """

    at: datetime
    kind: str
    memory_id: str
    domain: str = ""
    content: str
    slot: dict[str, Any] | None = None
    when: dict[str, Any] | None = None
    said_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    before: Before | None = None
    provenance: dict[str, Any] = Field(default_factory=dict)


class TimelinePage(Record):
    """Some of what happened and changed."""

    entries: list[TimelineEntry]
    next_page_token: str | None = None


class User(Record):
    """A user of whom something was remembered: how much holds, and when that changed last."""

    user_id: str
    turns: int = 0
    memories: int = 0
    changed_at: datetime | None = None


class UserPage(Record):
    """Some users."""

    users: list[User]
    next_page_token: str | None = None


class Outdated(Record):
    """A statement of a turn that holds no longer."""

    id: str
    content: str
    valid_to: datetime
    superseded_by: str | None = None


class Hit(Record):
    """A memory or a turn that was found. Scores compare within one answer only.

    speaker: who said it. planned: the day that it speaks of was still to come when it was said.
    outdated: what a turn says that has ended. source_ids: the turns that support it.
    """

    id: str
    kind: str
    domain: str = ""
    content: str
    score: float
    speaker: str = ""
    said_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    slot: dict[str, Any] | None = None
    event_date: str | None = None
    when: dict[str, Any] | None = None
    planned: bool = False
    session_id: str = ""
    agent_id: str = ""
    run_id: str = ""
    metadata: dict[str, Any] = Field(default_factory=dict)
    expires_at: datetime | None = None
    response: str = ""
    outdated: list[Outdated] = Field(default_factory=list)
    source_ids: list[str] = Field(default_factory=list)
    provenance: dict[str, Any] = Field(default_factory=dict)
    explain: dict[str, float] | None = None


class Hits(Record):
    """Hits, best first."""

    hits: list[Hit]


class Answer(Record):
    """An answer that cites: `[n]` is the nth source.

    context: what the answer rests on, marked as data, to be put before an agent.
    """

    answer: str
    known: bool
    sources: list[Hit]
    context: str = ""
    confidence: float = 0
    model: str = ""
    degraded: str = ""


class Deleted(Record):
    """How much went."""

    deleted: int


class Erasure(Record):
    """What was kept of a user, before and after."""

    user_id: str
    before: dict[str, int]
    after: dict[str, int]
