"""Extraction by a language model: what it may say, and what is believed of it.

Turns and memories are data, and no instructions. Whatever they make the model write, code decides.
An answer has a fixed shape, every memory rests on words that the user said in this turn, and it can
only replace memories that were shown, which are this user's. What is not believed is counted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from keepsake.inference import (
    IS_DATA,
    LanguageModel,
    Message,
    StepReplies,
    Usage,
    fenced,
)
from keepsake.memory.domains.dates import DAYS, MONTHS, when
from keepsake.memory.domains.frames import FRAMES
from keepsake.memory.domains.material import speaker_of
from keepsake.memory.domains.plain_facts import is_secret
from keepsake.memory.domains.registry import DOMAINS, IMAGE, MODEL_DOMAINS, ModelDomainName
from keepsake.memory.images import Images
from keepsake.memory.models import Candidate, ConfirmedTurn, Slot, When
from keepsake.memory.quotes import compared, quotes, says_yes
from keepsake.memory.turn import Turn

_MOST = 30
_SHOWN = 12
_WORDS_BEYOND = 12
"""How many words a memory may have that its quote does not: it may be put more plainly."""
_MOST_BEFORE, _BEFORE_BYTES, _PART_BYTES = 6, 4_000, 600
"""Of the turns before: how many are shown, and how many bytes of all, and of a part of one."""
_CALENDAR = re.compile(rf"(?:{'|'.join([*MONTHS, *DAYS])})\b", re.IGNORECASE)
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=80)]

_ATTRIBUTES = sorted({frame.attribute for frame in FRAMES if "taste" not in frame.attribute})
_KEPT = " and ".join(f"{DOMAINS[name].asked_of_model} ({name})" for name in MODEL_DOMAINS)
_SYSTEM = (
    "You extract memories from the last turn of a conversation, for later recall. "
    f"{IS_DATA} Keep {_KEPT}. Leave out greetings, questions, requests, hypotheses, fiction, "
    "quotes, credentials and what the agent says. The turns before are shown so that you know "
    "whom and what the last turn speaks of; extract nothing from them. Each memory: `content`, a "
    "short plain sentence; `quote`, the exact words of the user in the last turn it rests on; "
    "`confirms`, when the user says yes to what the agent asked just before, the exact words of "
    "that question, else empty; for facts `subject` (`user`, or whom it is about), `attribute`, "
    "`value` and `single` (true when a new value replaces the old one); `negated` when the user "
    "takes a fact back; for events `day` as YYYY-MM-DD; `replaces`, the number of a known memory "
    "that is no longer true because of this, or 0. Use these attributes where they fit: "
    f"{', '.join(_ATTRIBUTES)}."
)


class Extracted(BaseModel):
    """One memory, as the model writes it. It is asked for every field.

    A reply that was kept before there was `confirms` has none.
    """

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra=lambda schema: schema.update(required=list(schema["properties"])),
    )

    domain: ModelDomainName
    content: Annotated[Words, Field(min_length=3)]
    quote: Annotated[Words, Field(min_length=1)]
    confirms: Words = ""
    subject: Name
    attribute: Name
    value: Name
    single: bool
    negated: bool
    day: Annotated[str, StringConstraints(pattern=r"^(?:\d{4}-\d{2}-\d{2})?$")]
    replaces: Annotated[int, Field(ge=0, le=_SHOWN)]


class Extraction(BaseModel):
    """The whole answer."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    memories: Annotated[list[Extracted], Field(max_length=_MOST)]


class ImageDescription(BaseModel):
    """What a vision model says of an image, as it writes it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    description: Annotated[Words, Field(min_length=3)]


@dataclass(frozen=True, slots=True)
class PriorTurn:
    """A turn before the one that is read."""

    source: ConfirmedTurn
    user: str
    agent: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a model is shown beside a turn.

    known: the user's memories near it: ids and contents. before: the turns before, oldest first.
    """

    known: Sequence[tuple[str, str]]
    before: Sequence[PriorTurn]


@dataclass(frozen=True, slots=True)
class ModelReading:
    """What a model made of a turn, what was dropped of it and why, and what it took."""

    candidates: list[Candidate]
    usage: Usage
    model: str
    dropped: str = ""


class Extractor:
    """Extracts with a model that reads, and describes images with one that sees."""

    def __init__(
        self,
        reader: LanguageModel,
        viewer: LanguageModel | None = None,
        images: Images | None = None,
    ) -> None:
        self._reader = reader
        self._viewer = viewer
        self._images = images or Images()

    def extract(
        self, turn: Turn, said_on: date, replies: StepReplies, around: Surroundings
    ) -> ModelReading:
        """The memories of a turn.

        Raises:
            ModelError: No usable answer.
        """
        shown = around.known[:_SHOWN]
        answer = self._reader.ask(
            Extraction,
            _messages(turn, said_on, shown, around.before),
            replies,
            [memory_id for memory_id, _ in shown],
        )
        checks = ReplyChecks(turn, said_on, answer.context, around.before, answer.model)
        candidates = list(checks.believed(answer.value))
        return ModelReading(candidates, answer.usage, answer.model, checks.dropped)

    def describe(self, turn: Turn, replies: StepReplies) -> ModelReading | None:
        """What an image shows; None when there is none, or no model that sees.

        Raises:
            ModelError: The image cannot be read, or no usable answer came.
        """
        if self._viewer is None or not turn.image_url:
            return None
        shown = self._images.shown(turn.image_url)
        text = 'Describe the image in one or two plain sentences, as JSON: {"description": …}.'
        parts = [{"type": "text", "text": text},
                 {"type": "image_url", "image_url": {"url": shown}}]  # fmt: skip
        answer = self._viewer.ask(ImageDescription, [{"role": "user", "content": parts}], replies)
        seen = Candidate(IMAGE.name, f"Image: {answer.value.description}", confidence=0.7,
                         model=answer.model)  # fmt: skip
        return ModelReading([seen], answer.usage, answer.model)

    def spent(self, *steps: StepReplies) -> Usage:
        """What steps that were of no use have cost."""
        return reduce(Usage.plus, map(self._reader.spent, steps), Usage())


class ReplyChecks:
    """What is believed of a reply: what rests on the user's own words. The rest is counted."""

    def __init__(
        self, turn: Turn, said_on: date, shown: Sequence[str], before: Sequence[PriorTurn],
        model: str,
    ) -> None:  # fmt: skip
        self._turn, self._said_on, self._shown, self._model = turn, said_on, shown, model
        self._asked = before[-1] if before else None
        texts = (turn.user_query, *(part for each in before for part in (each.user, each.agent)))
        self._heard = frozenset(word for text in texts for word in compared(text).split())
        self._counts: Counter[str] = Counter()

    @property
    def dropped(self) -> str:
        """How many memories were dropped, by reason; empty when none was."""
        counts = ", ".join(f"{count} {reason}" for reason, count in sorted(self._counts.items()))
        return f"{self._counts.total()} of the model's memories dropped: {counts}" if counts else ""

    def believed(self, answer: Extraction) -> Iterator[Candidate]:
        """The memories that stand."""
        for memory in answer.memories:
            if fault := self._fault(memory):
                self._counts[fault] += 1
            else:
                yield self._candidate(memory)

    def _fault(self, memory: Extracted) -> str:
        """Why a memory is not believed; empty when it is."""
        said = len(f"{memory.quote} {memory.confirms}".split())
        faults = {
            "not in the user's words": not quotes(memory.quote, self._turn.user_query),
            "not what the agent just asked, or no yes to it": not self._confirmed(memory),
            "says more than its words": len(memory.content.split()) > said + _WORDS_BEYOND,
            "names what nobody said": not self._heard.issuperset(_names(memory.content)),
            "tells a credential": is_secret(f"{memory.content} {memory.attribute}: {memory.value}"),
            "replaces what was not shown": memory.replaces > len(self._shown),
        }
        return next((fault for fault, found in faults.items() if found), "")

    def _confirmed(self, memory: Extracted) -> bool:
        """Whether the agent asked just that, when a memory says so, and the user said yes."""
        if not memory.confirms:
            return True
        if self._asked is None or not quotes(memory.confirms, self._asked.agent):
            return False
        return says_yes(memory.quote, memory.confirms)

    def _candidate(self, memory: Extracted) -> Candidate:
        dated = DOMAINS[memory.domain].dated
        return Candidate(
            domain=memory.domain,
            content=memory.content,
            slot=None if dated else _slot(memory, self._turn),
            when=_when(memory, self._said_on) if dated else None,
            confidence=0.8,
            model=self._model,
            replaces=self._shown[memory.replaces - 1] if memory.replaces else "",
            confirms=self._asked.source if memory.confirms and self._asked else None,
        )


def _names(content: str) -> Iterator[str]:
    """The names in a sentence, as they are compared: what has a capital within it."""
    for word in content.split()[1:]:
        if word[0].isupper() and not _CALENDAR.match(word):
            yield from compared(word.removesuffix("'s")).split()


def _slot(memory: Extracted, turn: Turn) -> Slot | None:
    if not memory.attribute or not memory.value:
        return None
    speaker = (turn.speaker or speaker_of(turn.user_query)).lower() or "user"
    subject = speaker if memory.subject in {"", "user"} else memory.subject
    return Slot(memory.attribute, memory.value, memory.single, memory.negated, subject)


def _when(memory: Extracted, said_on: date) -> When | None:
    """The model's day; our own reading of the words says how exact it is, if that begins with it.

    Without a day that is one, our own reading counts.
    """
    read = when(memory.quote, said_on)
    try:
        day = date.fromisoformat(memory.day)
    except ValueError:
        return read
    if read is None:
        return When(day, day, "day", memory.quote)
    return read if read.first == day else replace(read, first=day, last=day, grain="day")


def _messages(
    turn: Turn,
    said_on: date,
    shown: Sequence[tuple[str, str]],
    before: Sequence[PriorTurn],
) -> list[Message]:
    """The prompt: what is asked for, and the turn with what surrounds it as data."""
    records: list[dict[str, Any]] = [
        *({"known_memory": number, "content": content}
          for number, (_, content) in enumerate(shown, 1)),
        *({"turn": "before", "user": each.user, "agent": each.agent} for each in _recent(before)),
        {"turn": "last", "said_on": said_on.isoformat(), "weekday": said_on.strftime("%A"),
         "user": turn.user_query, "agent": turn.agent_response[:2_000]},
    ]  # fmt: skip
    return [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": fenced(records)},
    ]


def _recent(before: Sequence[PriorTurn]) -> list[PriorTurn]:
    """The last turns within a bound of bytes: the beginnings of the user's, the agent's ends."""
    recent: list[PriorTurn] = []
    left = _BEFORE_BYTES
    for each in reversed(before[-_MOST_BEFORE:]):
        user, agent = each.user.encode()[:_PART_BYTES], each.agent.encode()[-_PART_BYTES:]
        left -= len(user) + len(agent)
        if left < 0:
            break
        recent.append(PriorTurn(each.source, user.decode(errors="ignore"),
                                agent.decode(errors="ignore")))  # fmt: skip
    return recent[::-1]
