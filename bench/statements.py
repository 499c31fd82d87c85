"""What is stored of turns, and what ought to be.

Turns of our own and given cases say what a careful person would store. Of chats that are no part
of Keepsake only labels are kept (`bench/labels`): which turns are looked at, the kinds of lasting
facts in them, and verdicts by the hash of what was stored.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bench.conversations import talks_of_locomo
from keepsake.memory import MemoryScope, MemoryService, Turn
from keepsake.memory.domains.confidence import Form, form_of

LABELS = Path(__file__).parent / "labels"
VERDICTS = LABELS / "verdicts.txt"
OWNER = "bench"
SAID_AT = datetime(2024, 5, 15, 12, tzinfo=UTC)
"""When turns of our own and given cases are said: a Wednesday."""
_TODAY = SAID_AT.date().isoformat()
_MATERIAL = {"summary", "code", "snippet", "image"}
"""Domains that keep what was said or shown as it is; they claim nothing."""
_PAST = re.compile(r"former|used to|past|previous|ended|until|\bwas\b|\bleft|\bquit")
_DENIES = re.compile(
    r"\b(?:no|not|never|without|zero|dislikes?|hates?|avoids?|cannot|refuses?)\b"
    r"|n't\b|allerg|intoleran"
)
_COMING = re.compile(
    r"plan|will|want|wish|inten|going|next|mov|upcoming|goal|trip|travel|visit|start|consider"
)
_ROW = ("said", "store", "acceptable")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BEFORE = 2
"""How many turns of a chat are told before one that is looked at."""


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """A stored memory that claims something; words are in lower case.

    line: `subject/attribute=value`, or `domain date content`; a leading `-` says that it is denied.
    day: the first day of an event, or the day that a fact gives, ISO 8601; empty if there is none.
    """

    line: str
    content: str
    subject: str
    attribute: str
    value: str
    negated: bool
    day: str
    confidence: float
    holds: bool
    sources: frozenset[str]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "StoredStatement":
        """A memory as the archive shows it."""
        slot, day = document["slot"] or {}, document["event_date"] or ""
        content = str(document["content"]).lower()
        subject, attribute, value = (
            str(slot.get(part, "")).lower() for part in ("subject", "attribute", "value")
        )
        negated = bool(slot.get("negated"))
        day = day or (value if _DAY.fullmatch(value) else "")
        fact = f"{'-' if negated else ''}{subject}/{attribute}={value}"
        return cls(
            line=fact if slot else f"{document['domain']} {day} {content}", content=content,
            subject=subject, attribute=attribute.replace("_", " "), value=value, negated=negated,
            day=day, confidence=document["confidence"], holds=document["valid_to"] is None,
            sources=frozenset(each["source_id"] for each in document["support"]),
        )  # fmt: skip

    @property
    def claim(self) -> str:
        """What it claims, without the subject of a fact."""
        return f"{self.attribute} {self.value}" if self.subject else self.content

    @property
    def form(self) -> Form:
        """Whether it is an event, a taste, another fact in parts, or a note in words."""
        return "event" if self.day and not self.subject else form_of(self.attribute)

    @property
    def key(self) -> str:
        """What verdicts know it by: the start of its line's hash."""
        return hashlib.sha256(" ".join(self.line.split()).encode()).hexdigest()[:16]


class ExpectedFact(BaseModel):
    """A fact that a careful person would store; `line`, `value` and `attribute` are expressions.

    about: names for whom it is about; the speaker is `user`. when: how an event's day begins.
    A string instead is an expression over the whole line.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: str = ""
    value: str = ""
    attribute: str = ""
    about: tuple[str, ...] = ("user",)
    state: Literal["current", "former", "planned", "denied"] = "current"
    when: str = ""

    @model_validator(mode="before")
    @classmethod
    def _of_a_line(cls, given: Any) -> Any:
        return {"line": given} if isinstance(given, str) else given

    def matches(self, statement: StoredStatement) -> bool:
        """Whether a statement says this."""
        if self.line:
            return re.search(self.line, statement.line) is not None
        return (
            re.search(self.value, statement.claim) is not None
            and re.search(rf"\b(?:{self.attribute})", statement.claim) is not None
            and statement.day.startswith(self.when)
            and any(_is_about(statement, name) for name in self.about)
            and self._is_so(statement)
        )

    def _is_so(self, statement: StoredStatement) -> bool:
        """Whether it is current, over, still to come, or denied, as expected."""
        event = not statement.subject
        past = statement.negated or _PAST.search(statement.attribute) is not None
        match self.state:
            case "current":
                return not past
            case "former":
                return event or past
            case "planned":
                comes = (
                    statement.day >= _TODAY if statement.day else _COMING.search(statement.claim)
                )
                return not past and bool(comes)
            case "denied":
                return past or _DENIES.search(statement.claim) is not None


def _is_about(statement: StoredStatement, name: str) -> bool:
    """Whether it is about someone. An event has no subject: it may be the speaker's."""
    if name == "user":
        return statement.subject in {"", "user", "we"}
    return name in f"{statement.subject} {statement.claim}"


class OwnTurn(BaseModel):
    """A turn, and what is to hold after it.

    before: earlier turns, a day apart; a pair is what was said and what the agent answered.
    acceptable: what is no fault to store.
    """

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(alias="class")
    said: str
    store: tuple[ExpectedFact, ...]
    acceptable: tuple[ExpectedFact, ...] = ()
    before: tuple[str | tuple[str, str], ...] = ()

    def is_right(self, statement: StoredStatement) -> bool:
        """Whether it may be stored."""
        return any(fact.matches(statement) for fact in (*self.store, *self.acceptable))

    def turns(self) -> Iterator[Turn]:
        """All that is said, oldest first."""
        earlier = [each if isinstance(each, tuple) else (each, "") for each in self.before]
        for days, (said, answered) in zip(
            range(len(earlier), -1, -1), [*earlier, (self.said, "")], strict=True
        ):
            yield Turn(user_query=said, agent_response=answered,
                       session_datetime=(SAID_AT - timedelta(days=days)).isoformat())  # fmt: skip


def own_turns(path: Path) -> list[OwnTurn]:
    """The turns of a file of cases, or of tables of rows `[said, store, acceptable]`.

    Raises:
        OSError, ValueError: There is no such file, or it is not one of turns.
    """
    if path.suffix != ".json":
        files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        tables = [tomllib.loads(file.read_text("utf-8")) for file in files]
        return [OwnTurn.model_validate({"class": kind, **dict(zip(_ROW, row, strict=True))})
                for table in tables for kind, rows in table.items() for row in rows]  # fmt: skip
    return [OwnTurn.model_validate(turn) for turn in json.loads(path.read_text())["turns"]]


def stored_of_own(service: MemoryService, user: str, turn: OwnTurn) -> list[StoredStatement]:
    """What holds after a turn, of a user who has said nothing else."""
    stored = _told(service, user, list(turn.turns()))
    return [statement for statement in stored if statement.holds]


@dataclass(frozen=True, slots=True)
class StatementVerdict:
    """What a reader of the turn said of a statement; `states` is the label that it states."""

    true: bool
    lasting: bool
    intelligible: bool
    states: str = ""

    @property
    def right(self) -> bool:
        """Whether it may be stored."""
        return self.true and self.lasting and self.intelligible


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """A turn of a chat that is looked at, with what is stored of it.

    labels: the kinds of lasting facts in it. before: the turns before it. stored: statements, each
    with its verdict if there is one.
    """

    chat: str
    turn: Turn
    labels: tuple[str, ...]
    before: tuple[Turn, ...]
    stored: tuple[tuple[StoredStatement, StatementVerdict | None], ...]

    @property
    def place(self) -> str:
        """What verdicts know it by."""
        return f"{self.chat} {self.turn.source_id}"


def verdicts() -> dict[str, StatementVerdict]:
    """By `chat turn hash`. A line adds three letters, `-` for what it is not, and maybe a label."""
    judged = {}
    for line in VERDICTS.read_text().splitlines():
        chat, turn, key, letters, *label = line.split()
        true, lasting, intelligible = (letter != "-" for letter in letters)
        judged[f"{chat} {turn} {key}"] = StatementVerdict(true, lasting, intelligible, *label)
    return judged


def chat_turns(service: MemoryService, path: Path) -> Iterator[ChatTurn]:
    """The labelled turns of each chat, told in order to one user together with those before them.

    Raises:
        OSError, ValueError, KeyError: A file is not there, or not of its form.
    """
    chosen = json.loads((LABELS / path.name).read_text())
    judged = verdicts()
    samples = json.loads(path.read_text())
    for sample, talk in zip(samples, talks_of_locomo(path), strict=True):
        chat = sample["sample_id"]
        labels = chosen.get(chat, {})
        rows = [row for row, turn in enumerate(talk.turns) if turn.source_id in labels]
        heard = sorted({max(row - back, 0) for row in rows for back in range(_BEFORE + 1)})
        stored = _told(service, f"{path.stem} {chat}", [talk.turns[row] for row in heard])
        for row in rows:
            turn = talk.turns[row]
            of_it = tuple(
                (each, judged.get(f"{chat} {turn.source_id} {each.key}"))
                for each in stored if turn.source_id in each.sources
            )  # fmt: skip
            before = tuple(talk.turns[max(row - _BEFORE, 0) : row])
            yield ChatTurn(chat, turn, tuple(labels[turn.source_id] or ()), before, of_it)


def _told(service: MemoryService, user: str, turns: Sequence[Turn]) -> list[StoredStatement]:
    """All statements that are stored of a user's turns, as an ingest without a model does."""
    scope = MemoryScope(OWNER, user)
    for number, turn in enumerate(turns):
        service.pipeline.ingest(scope, turn, job_id=f"{user} {number}")
    return [StoredStatement.of(document) for document in service.archive.export(scope)
            if document["kind"] == "memory" and document["domain"] not in _MATERIAL]  # fmt: skip
