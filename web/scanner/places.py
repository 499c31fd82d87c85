"""What a request says of an index: which one, who reads it, with whom it is shared."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from keepsake.access import KeyStore, Principal
from keepsake.scanner import EVERYONE, IndexReader, RepositoryName, with_organisation, with_owner
from keepsake.storage import LengthFirst
from web.edge.auth import Caller
from web.problems import Problem

Repo = Annotated[str, Path(max_length=250)]
Host = Annotated[
    str | None,
    Query(
        max_length=300,
        description="Of several hosts with such a repository, this one, as answers name it",
        examples=["github.com"],
    ),
]
Branch = Annotated[
    str | None,
    Query(max_length=250, description="The host's default one, else the latest scanned"),
]
Owner = Annotated[
    str | None,
    Query(
        max_length=256,
        description="Whose, as answers name it. A name alone means the caller's own, else what "
        "members of the caller's organisations share with these; what others share needs its owner",
        examples=["ann"],
    ),
]
Name = Annotated[str, Field(max_length=256, pattern=r"^[\w.\-@:]+$")]
Names = Annotated[list[Name], Field(max_length=100), LengthFirst()]


def _decoded(segment: str) -> str:
    return segment.replace("%2F", "/")


Org = Annotated[
    str,
    Path(
        max_length=500,
        description="Who has it at its host; a `/` inside, as in GitLab's subgroups, is sent as "
        "`%2F`",
        examples=["pallets", "group/subgroup"],
    ),
    AfterValidator(_decoded),
]


async def _index(
    org: Org, repo: Repo, host: Host = None, branch: Branch = None, owner: Owner = None
) -> RepositoryName:
    return RepositoryName(org, repo, branch, host, owner)


Indexed = Annotated[RepositoryName, Depends(_index)]
"""One index of a repository."""


_OWNER, _ORGANISATION = with_owner(""), with_organisation("")


class Sharing(BaseModel):
    """Who else may search an index; nobody unless its owner says so."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    organisations: Names = Field(
        default_factory=list,
        description="Those that the caller's key names. Their members find it by its name alone, "
        "as long as a key of its owner's names the organisation",
    )
    owners: Names = Field(default_factory=list, description="They find it with `?owner=` only")
    everyone: bool = Field(
        default=False,
        description="All who have a key of this service; they find it with `?owner=` only",
    )

    def names(self, caller: Principal) -> list[str]:
        """As it is stored.

        Raises:
            Problem: 403, when an organisation is not one of the caller's.
        """
        foreign = sorted(set(self.organisations) - set(caller.organisations))
        if foreign:
            detail = "This key names none of `organisations`; an operator can make one that does."
            raise Problem(403, "not-a-member", detail, organisations=foreign)
        named = [with_organisation(name) for name in self.organisations]
        named += [with_owner(name) for name in self.owners]
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


async def _reader(caller: Caller, request: Request) -> IndexReader:
    keys: KeyStore = request.app.state.keys
    return IndexReader(caller.owner, frozenset(caller.organisations), keys.memberships)


Reading = Annotated[IndexReader, Depends(_reader)]
"""The caller as one who reads indexes."""


def _after(prefix: str, names: list[str]) -> list[str]:
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
