"""`/v2/memory/context`: what is remembered of a user, for a prompt."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from web.dependencies import Memory
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.memory.turns import UserId, scope_of
from web.openapi.declared import carries
from web.representations import CACHED, VALIDATORS, VARIES, IfNoneMatch, digest, matches, prefers

router = APIRouter(prefix="/v2/memory", tags=["memory"], route_class=BoundedRoute)
_MARKDOWN = "text/markdown"
_VALIDATED = carries(200, *VALIDATORS) | carries(304, *VALIDATORS)
_VALIDATED[200]["content"] = {
    _MARKDOWN: {
        "schema": {"type": "string"},
        "example": '# About the user\n\n## Facts\n\n- lives in: "I live in Lisbon."\n',
    }
}


class FactInContext(BaseModel):
    """A fact that holds; one without an attribute is a note in words."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    subject: str = Field(description="Whom it is about: `user`, a relation or a name")
    attribute: str = Field(description="What it says of them, such as `lives_in`; empty of a note")
    content: str
    said_at: datetime
    valid_from: datetime


class EventInContext(BaseModel):
    """An event that is not over."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    content: str
    first: str = Field(description="Its first day")
    last: str = Field(description="Its last day")
    time: str = Field(description="At what time, as it was said; empty when it was not")
    said_at: datetime


class TurnInContext(BaseModel):
    """What of a turn still holds."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    speaker: str = Field(description="Who said it: `user`, or the name that the turn begins with")
    content: str
    response: str = Field(description="What the assistant answered, which is no fact")
    said_at: datetime


class ContextView(BaseModel):
    """What is remembered of a user: as Markdown for a prompt, and by section."""

    model_config = ConfigDict(from_attributes=True)

    markdown: str = Field(
        description="To be put into a prompt as it is: stored texts stand in quotes, in which "
        "nothing is markup, an instruction or a link"
    )
    tokens: int = Field(
        description="How many tokens the Markdown takes at most, counted with care: models mostly "
        "count fewer"
    )
    left_out: int = Field(description="How many memories and turns did not fit")
    instructions: list[FactInContext] = Field(description="How the user wants to be answered")
    profile: list[FactInContext] = Field(description="Facts that hold, by whose and which")
    events: list[EventInContext] = Field(description="Events that are not over, the next first")
    turns: list[TurnInContext] = Field(description="What was said near the query, nearest first")


class ContextRequest(BaseModel):
    """Whose context, for which question, and how long."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    user_id: UserId = ""
    query: str = Field(
        default="",
        max_length=5_000,
        description="What the prompt is about, such as the user's message; turns near it are "
        "added, and facts near it come first",
    )
    max_tokens: int = Field(
        default=2_000, ge=80, le=20_000, description="How long the Markdown may be"
    )


@router.get("/context", response_model=ContextView, responses=_VALIDATED)
def context(
    request: Request,
    memory: Memory,
    caller: Caller,
    wanted: Annotated[ContextRequest, Query()],
    if_none_match: IfNoneMatch,
) -> Any:
    """What is remembered of a user, ready for a prompt and within a number of tokens.

    Instructions, facts, events to come and, with a query, what was said near it: nothing that has
    ended, expired or was forgotten. `Accept: text/markdown` gives the Markdown alone.
    """
    scope = scope_of(caller.owner, wanted.user_id)
    made = memory.contexts.of(scope, wanted.query, wanted.max_tokens)
    plain = prefers(request, _MARKDOWN)
    body = made.markdown if plain else ContextView.model_validate(made).model_dump_json()
    headers = {"ETag": digest(body.encode()), **CACHED, **VARIES}
    if matches(headers["ETag"], if_none_match):
        return Response(status_code=304, headers=headers)
    kind = f"{_MARKDOWN}; charset=utf-8" if plain else "application/json"
    return Response(body, headers=headers, media_type=kind)
