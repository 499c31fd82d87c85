"""What a caller says that a turn belongs to: stored with it and all that it says, and sought by."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool

from keepsake.storage import BoundedName, Document, LengthFirst

USER_ID = r"^[\w.\-@:|+=~!$%&'*,;()\[\]{}]*$"
"""A user's id as identity providers make them; whatever stands in a path needs no slash."""
METADATA_CHARACTERS = r"[\w-]"
_MOST_INT, _MOST_FLOAT = 2**63 - 1, 1e300
MetadataValue = Annotated[
    Annotated[str, Field(max_length=256)]
    | StrictBool
    | Annotated[int, Field(strict=True, ge=-_MOST_INT, le=_MOST_INT)]
    | Annotated[float, Field(strict=True, ge=-_MOST_FLOAT, le=_MOST_FLOAT)],
    Field(union_mode="left_to_right"),
]
Metadata = Annotated[
    dict[Annotated[str, BoundedName(METADATA_CHARACTERS)], MetadataValue],
    Field(
        max_length=16,
        description="Facts of your own about it, to find it by",
        examples=[{"channel": "mail", "case": 4711}],
    ),
    LengthFirst(),
]


class TurnTags(BaseModel):
    """What a turn belongs to; as a filter, what is empty is not asked for."""

    agent_id: str = Field(default="", max_length=256, description="The agent that took part in it")
    run_id: str = Field(default="", max_length=256, description="The run that it belongs to")
    session_id: str = Field(
        default="", max_length=256, description="The conversation that it belongs to"
    )
    metadata: Metadata = {}

    def conditions(self) -> Document:
        """The filter of the documents that have all of these tags."""
        named = {name: getattr(self, name) for name in ("agent_id", "run_id", "session_id")}
        return {name: value for name, value in named.items() if value} | {
            f"metadata.{name}": value for name, value in self.metadata.items()
        }


def metadata_of(pairs: list[str]) -> Document:
    """The filter of `name:value` pairs: a value is a text, or the number or bool that it spells."""
    conditions: dict[str, Any] = {}
    for pair in pairs:
        name, _, text = pair.partition(":")
        conditions[f"metadata.{name}"] = {"$in": [text, *_spelt(text)]}
    return conditions


def _spelt(text: str) -> list[Any]:
    if text in {"true", "false"}:
        return [text == "true"]
    try:
        return [float(text)]
    except ValueError:
        return []


def tags_of(source: Mapping[str, Any]) -> Document:
    """The tags of a document, for what is made of it."""
    names = ("agent_id", "run_id", "session_id", "metadata", "expires_at")
    return {name: source[name] for name in names if source.get(name)}
