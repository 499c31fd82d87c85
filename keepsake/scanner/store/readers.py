"""Which repository a name means, who reads it, and by what right.

A name alone means what its reader can trust: the reader's own, and what members of the reader's
organisations share with these. Whatever others share is found under its owner's name only, so that
nobody can put code before another's queries.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from keepsake.scanner.source import host_of
from keepsake.storage import Document

EVERYONE = "everyone"
"""The name under which an owner shares with all."""
Memberships = Callable[[Collection[str]], Mapping[str, frozenset[str]]]
"""The organisations to which each of some owners belongs now."""


@dataclass(frozen=True, slots=True)
class RepositoryName:
    """A repository by its name, and what may tell it from others of this name.

    Without a branch it is the host's default one, without a host that of any. Without an owner it
    is the reader's own, else one that an organisation of the reader's shares.
    """

    org: str
    repo: str
    branch: str | None = None
    host: str | None = None
    owner: str | None = None

    @property
    def filter(self) -> Document:
        """The repositories of this name and owner."""
        whose = {} if self.owner is None else {"owner": self.owner}
        return {"org": self.org, "repo": self.repo, **whose}

    def holds(self, record: Document) -> bool:
        """Whether a repository is at this host; every one is at None."""
        return self.host is None or host_of(record["url"]).lower() == self.host.lower()


class Right(IntEnum):
    """By what a reader may search an index, the nearest first."""

    OWN = 0
    ORGANISATION = 1
    """A member of one of the reader's organisations shares it with this one."""
    OWNER = 2
    """Another owner shares it with the reader, who never asked for it."""
    EVERYONE = 3

    @property
    def trusted(self) -> bool:
        """Whether a name alone may mean it."""
        return self <= Right.ORGANISATION


def with_owner(name: str) -> str:
    """How a share with an owner is stored."""
    return f"owner:{name}"


def with_organisation(name: str) -> str:
    """How a share with an organisation is stored."""
    return f"organisation:{name}"


def _none(_: Collection[str]) -> Mapping[str, frozenset[str]]:
    return {}


@dataclass(frozen=True, slots=True)
class IndexReader:
    """An owner, and the organisations that the owner's key names."""

    owner: str
    organisations: frozenset[str] = frozenset()
    memberships: Memberships = _none

    @property
    def trusting(self) -> Document:
        """The filter of what a name alone may mean."""
        return {"$or": [{"owner": self.owner}, {"shared_with": {"$in": self._ours}}]}

    @property
    def reaching(self) -> Document:
        """The filter of what a name may mean together with its owner's."""
        return {"$or": [{"owner": self.owner}, {"shared_with": {"$in": self._all}}]}

    @property
    def shared(self) -> Document:
        """The filter of what others share with the reader, or with all."""
        return {"owner": {"$ne": self.owner}, "shared_with": {"$in": self._all}}

    def permitted(self, records: Sequence[Document]) -> list[tuple[Document, Right]]:
        """The records that the reader may search, each with its right.

        A share with an organisation lasts as long as its owner belongs to it.
        """
        sharing = {record["owner"] for record in records if self._is_ours(record)} - {self.owner}
        members = self.memberships(sharing) if sharing else {}
        rights = [
            (record, self._right(record, members.get(record["owner"], frozenset())))
            for record in records
        ]
        return [(record, right) for record, right in rights if right is not None]

    def _right(self, record: Document, memberships: frozenset[str]) -> Right | None:
        if record["owner"] == self.owner:
            return Right.OWN
        shared_with = set(record["shared_with"])
        common = self.organisations & memberships
        if not shared_with.isdisjoint(map(with_organisation, common)):
            return Right.ORGANISATION
        if with_owner(self.owner) in shared_with:
            return Right.OWNER
        return Right.EVERYONE if EVERYONE in shared_with else None

    def _is_ours(self, record: Document) -> bool:
        return not set(record["shared_with"]).isdisjoint(self._ours)

    @property
    def _ours(self) -> list[str]:
        return [with_organisation(name) for name in sorted(self.organisations)]

    @property
    def _all(self) -> list[str]:
        return [*self._ours, with_owner(self.owner), EVERYONE]
