"""With whom an index is shared, as the names that it is stored under."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from access.keys import Principal
from scanner.store.heads import Reader

EVERYONE = "everyone"
_OWNER, _ORGANISATION = "owner:", "organisation:"
Name = Annotated[str, Field(max_length=256, pattern=r"^[\w.\-@:]+$")]


class Sharing(BaseModel):
    """Who else may search an index; nobody unless its owner says so."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    organisations: list[Name] = Field(default_factory=list, max_length=100)
    owners: list[Name] = Field(default_factory=list, max_length=100)
    everyone: bool = Field(default=False, description="All who have a key of this service")

    def names(self) -> list[str]:
        """As it is stored."""
        named = [_ORGANISATION + one for one in self.organisations]
        named += [_OWNER + one for one in self.owners]
        return [*named, EVERYONE] if self.everyone else named

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Sharing":
        """The sharing of a repository's record."""
        names = stored["shared_with"]
        return cls(
            organisations=_after(_ORGANISATION, names),
            owners=_after(_OWNER, names),
            everyone=EVERYONE in names,
        )


def reader_of(caller: Principal) -> Reader:
    """Who reads: what is its own, and what others have shared with it."""
    named = tuple(_ORGANISATION + one for one in caller.organisations)
    return Reader(caller.owner, (*named, _OWNER + caller.owner), (EVERYONE,))


def _after(prefix: str, names: list[str]) -> list[str]:
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
