"""Turns as lists of messages, which clients of models have at hand."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from keepsake.memory import Turn, turns_of_messages
from keepsake.storage import LengthFirst
from web.problems import misfit


class MessagePart(BaseModel):
    """A part of a message; of those that are no text nothing is kept."""

    model_config = ConfigDict(hide_input_in_errors=True)

    type: str = Field(default="text", max_length=64, description="What kind of part it is")
    text: str = Field(default="", max_length=10_000, description="What it says, if it is a text")


class IngestMessage(BaseModel):
    """A message of the `user` or the `assistant`; the words of other roles are left out."""

    model_config = ConfigDict(hide_input_in_errors=True)

    role: str = Field(
        min_length=1, max_length=64, description="Who says it: `user`, `assistant`, `tool`, …",
        examples=["user"],
    )  # fmt: skip
    content: (
        Annotated[str, Field(max_length=20_000)]
        | Annotated[list[MessagePart], Field(max_length=4), LengthFirst()]
        | None
    ) = Field(default="", description="What is said: a text, or parts of one")
    created_at: str = Field(default="", max_length=64, description="When it was said, ISO 8601")


Messages = Annotated[
    list[IngestMessage],
    Field(
        max_length=50,
        description="In place of `user_query` and `agent_response`: what was said in turn; a text "
        "of more than 10,000 characters is remembered in several turns",
    ),
    LengthFirst(),
]


def turns_in(messages: list[IngestMessage], common: Turn) -> list[dict[str, Any]]:
    """The turns of a request's messages, as a payload has them.

    Raises:
        Problem: 422, when the user says nothing in them.
    """
    turns = turns_of_messages([message.model_dump() for message in messages], common)
    if not turns:
        raise misfit("body", "/messages", "The user says nothing in them")
    return [turn.model_dump(mode="json") for turn in turns]
