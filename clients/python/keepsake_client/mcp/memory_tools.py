"""Tools of memory: context, remember, recall, forget."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, model_validator

from keepsake_client.mcp.calls import Call
from keepsake_client.mcp.job_tools import Change, JobResult, outcome
from keepsake_client.mcp.results import (
    BYTES_PER_TOKEN,
    LEFT_OUT,
    MaxTokens,
    StoredData,
    ToolResult,
    fitted,
    shortened,
)
from keepsake_client.mcp.tools import Arguments, UserId, WaitSeconds, reads, writes
from keepsake_client.models.memory import Hit

_TEXT_MOST, _QUERY_MOST = 10_000, 5_000
_FRAME_BYTES, _MOST_BYTES = 200, 5
"""Of a result the bytes that are no context; and those of a token as the service counts them."""
MetadataName = Annotated[str, Field(pattern=r"^[\w-]+$", max_length=64)]
MetadataValue = Annotated[str, Field(max_length=256)] | bool | int | float
MemoryId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\w+$")]


class TaggedArguments(Arguments):
    """What turns belong to: said with them, and sought by."""

    session_id: str = Field(default="", max_length=128, description="The conversation's id")
    agent_id: str = Field(default="", max_length=256, description="The agent that took part in it")
    run_id: str = Field(default="", max_length=256, description="The run that it belongs to")
    metadata: Annotated[dict[MetadataName, MetadataValue], Field(max_length=16)] = Field(
        default_factory=dict, description='Facts of your own about it: `{"channel": "mail"}`'
    )

    def tags(self) -> dict[str, Any]:
        """Those that are given, as the client takes them."""
        return {name: value for name in TaggedArguments.model_fields
                if (value := getattr(self, name))}  # fmt: skip


class ToolMessage(Arguments):
    """A message of a conversation."""

    role: str = Field(min_length=1, max_length=64, description="`user` or `assistant`")
    content: str = Field(max_length=_TEXT_MOST, description="What is said")


class RememberArguments(TaggedArguments):
    """A turn of a conversation, or messages of one."""

    text: str = Field(
        default="", max_length=_TEXT_MOST,
        description="What the user said, in the user's own words: `I moved to Lisbon last week.`",
    )  # fmt: skip
    messages: Annotated[list[ToolMessage], Field(max_length=20)] = Field(
        default_factory=list,
        description="In place of `text` and `assistant_text`: what both said, in its order",
    )
    assistant_text: str = Field(
        default="", max_length=_TEXT_MOST, description="What you answered; it is kept as no fact"
    )
    user_id: UserId = ""
    said_at: datetime | None = Field(
        default=None, description="When it was said, if not now; dates in it are read from there"
    )
    source_id: str = Field(
        default="", max_length=128, description="Your id of this turn; sent again, it adds nothing"
    )
    wait_seconds: WaitSeconds = 30

    @model_validator(mode="after")
    def _text_or_messages(self) -> "RememberArguments":
        if bool(self.text or self.assistant_text) == bool(self.messages) or not (
            self.text or self.messages
        ):
            raise ValueError("give either `text` or `messages`")
        return self


class ContextArguments(Arguments):
    """Whose context, and for which message."""

    query: str = Field(
        default="", max_length=_QUERY_MOST,
        description="The user's message, or what you are about to do: what was said near it is "
        "added",
    )  # fmt: skip
    user_id: UserId = ""
    max_tokens: MaxTokens = 2_000


class RecallArguments(TaggedArguments):
    """What to look for, and what it has to belong to."""

    query: str = Field(
        min_length=1, max_length=_QUERY_MOST,
        description="A question or words: `Which foods must be avoided?`",
    )  # fmt: skip
    user_id: UserId = ""
    limit: int = Field(default=10, ge=1, le=100, description="How many hits at most")
    as_of: datetime | None = Field(default=None, description="What held then, in place of now")
    max_tokens: MaxTokens = 2_000


class ForgetArguments(Arguments):
    """What to forget: a topic in the user's words, or memories by their ids."""

    topic: str = Field(
        default="", max_length=500,
        description="What the user wants forgotten: `my salary`, `that I live in Rome`",
    )  # fmt: skip
    memory_ids: list[MemoryId] = Field(
        default_factory=list, max_length=20, description="Ids of hits of `recall`"
    )
    user_id: UserId = ""
    wait_seconds: WaitSeconds = 30

    @model_validator(mode="after")
    def _one_of_two(self) -> "ForgetArguments":
        if bool(self.topic) == bool(self.memory_ids):
            raise ValueError("give either `topic` or `memory_ids`")
        return self


class Ended(ToolResult):
    """Something that a turn says and that holds no longer."""

    content: str
    valid_to: datetime


class Recalled(ToolResult):
    """A memory, or a turn as it was said."""

    id: str
    kind: str = Field(description="`memory`: a fact, event or summary; `turn`: what was said")
    domain: str = ""
    content: str
    speaker: str = Field(default="", description="Who said it")
    said_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = Field(default=None, description="Absent while it still holds")
    planned: bool = Field(default=False, description="It was still to come when it was said")
    event_date: str | None = Field(default=None, description="The first day that it speaks of")
    assistant_text: str = Field(default="", description="What was answered then; no fact")
    ended: list[Ended] = Field(
        default_factory=list, description="What this turn says that holds no longer"
    )


class ContextResult(StoredData):
    """What is remembered of the user, as Markdown."""

    markdown: str = Field(description="Instructions, facts, events to come, and what was said")
    left_out: int = Field(description=LEFT_OUT)


class RecallResult(StoredData):
    """What was found, best first."""

    hits: list[Recalled]
    left_out: int = Field(description=LEFT_OUT)


class ForgetResult(JobResult):
    """What was forgotten."""

    deleted: int = Field(default=0, description="How many memories and turns are gone for good")


async def context(call: Call, given: ContextArguments) -> ContextResult:
    """Read what is remembered of the user: how to answer them, facts, events to come.

    Call it first, once at the beginning of a conversation, with the user's first message as the
    query. What it says holds now. For anything further, `recall`.
    """
    room = given.max_tokens * BYTES_PER_TOKEN - _FRAME_BYTES
    made = await call.client.memory.context(
        given.query or None, user_id=given.user_id or None, max_tokens=room // _MOST_BYTES
    )
    return ContextResult(markdown=made.markdown, left_out=made.left_out)


async def remember(call: Call, given: RememberArguments) -> JobResult:
    """Remember what the user said: facts, preferences, plans, events, corrections.

    Call it whenever the user tells something that matters later, with their own words: a turn at a
    time, or the messages of a conversation. New facts take the place of old ones by themselves. The
    answer says what changed; `undo` with its job_id takes all of that back.
    """
    job = await call.run(
        call.client.memory.add(
            given.text or None,
            messages=[message.model_dump() for message in given.messages] or None,
            user_id=given.user_id or None,
            agent_response=given.assistant_text or None,
            session_datetime=given.said_at,
            **given.tags(),
            source_id=given.source_id or None,
            idempotency_key=call.idempotency_key,
        ),
        given.wait_seconds,
    )
    about, changes = await outcome(job)
    return JobResult(**about, changes=changes)


async def recall(call: Call, given: RecallArguments) -> RecallResult:
    """Search what is remembered about the user, by words and by meaning.

    Call it before you answer anything that may depend on who the user is, what they told before or
    what they want. Hits say who said it and when, and `valid_to` that it holds no longer: do not
    state such a thing as true now.
    """
    hits = await call.client.memory.search(
        given.query, user_id=given.user_id or None, top_k=given.limit, as_of=given.as_of,
        **given.tags(),
    )  # fmt: skip
    return fitted(
        [_recalled(hit, given.max_tokens) for hit in hits],
        given.max_tokens,
        lambda shown, left_out: RecallResult(hits=shown, left_out=left_out),
    )


async def forget(call: Call, given: ForgetArguments) -> ForgetResult:
    """Forget what the user wants forgotten: by topic, or single memories by their ids.

    By topic, all memories of it end and are no longer recalled as true; `undo` with the job_id
    brings them back, so prefer it. By memory_ids, memories and turns are deleted for good.
    """
    if given.memory_ids:
        deleted = 0
        for memory_id in given.memory_ids:
            deleted += await call.client.memory.delete(memory_id, user_id=given.user_id or None)
        return ForgetResult(status="succeeded", deleted=deleted)
    job = await call.run(
        call.client.memory.add(
            f"Forget {given.topic}",
            user_id=given.user_id or None,
            idempotency_key=call.idempotency_key,
        ),
        given.wait_seconds,
    )
    about, changes = await outcome(job)
    return ForgetResult(**about, changes=[each for each in changes if each.action == Change.ENDS])


def _recalled(hit: Hit, max_tokens: int) -> Recalled:
    return Recalled(
        id=hit.id, kind=hit.kind, domain=hit.domain, content=shortened(hit.content, max_tokens),
        speaker=hit.speaker, said_at=hit.said_at, valid_from=hit.valid_from, valid_to=hit.valid_to,
        planned=hit.planned, event_date=hit.event_date,
        assistant_text=shortened(hit.response, max_tokens),
        ended=[Ended(content=shortened(each.content, max_tokens), valid_to=each.valid_to)
               for each in hit.outdated],
    )  # fmt: skip


MEMORY_TOOLS = (
    reads(context, "Read the user's context"),
    writes(remember, "Remember a turn", destroys=False, repeatable=False),
    reads(recall, "Recall memories"),
    writes(forget, "Forget", destroys=True, repeatable=True),
)
