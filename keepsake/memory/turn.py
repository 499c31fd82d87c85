"""What is handed over to be remembered: a turn, what was said and answered; or a fact by hand."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from keepsake.memory.tags import TurnTags
from keepsake.storage import Moment, storable


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


class Turn(TurnTags, PlainTurn):
    """One exchange as it is remembered; of a long one a part may hold an answer alone."""

    user_query: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)] = Field(
        description="What the user said", examples=["I live in Lisbon."]
    )
    speaker: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        default="",
        max_length=64,
        description="Who said it, when that was not the user but somebody of this name",
    )
    expires_at: Moment | None = Field(
        default=None, description="From then on it and what it says is in no answer; never if null"
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


_SLOT_NAME = r"^[^\W_][\w '&/.-]*$"


class StatedFact(TurnTags):
    """What is stated, and of which attribute: by it, it takes the place of what was known."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    content: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)
    ] = Field(description="What it says: a sentence, or a value", examples=["I live in Lyon."])
    attribute: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        default="", max_length=64, pattern=rf"(?:{_SLOT_NAME})|^$", examples=["lives_in"],
        description="Which attribute it gives; read from the sentence when empty",
    )  # fmt: skip
    subject: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        default="user", max_length=64, pattern=_SLOT_NAME,
        description="Whose attribute: the `user`'s, or that of a relation or a name",
    )  # fmt: skip
    domain: Literal["profile", "temporal"] | None = Field(
        default=None, description="`profile` or `temporal`; read from the sentence when null"
    )
    single: StrictBool | None = Field(
        default=None,
        description="Whether the attribute has one value at a time, so that a new one takes the "
        "place of the old one; known of usual attributes, and true of others, when null",
    )
    valid_from: Moment | None = Field(default=None, description="Since when; now when null")
    expires_at: Moment | None = Field(
        default=None, description="From then on it is in no answer; never if null"
    )
