"""Which index is meant, in words."""

from dataclasses import dataclass

from keepsake.scanner.source import host_of
from keepsake.storage.mongo import Document


@dataclass(frozen=True, slots=True)
class Place:
    """A repository by its name, and what may tell it from others of this name.

    Without a branch it is the latest scanned, without a host that of any. Without an owner it is
    the reader's own, else one that an organisation of the reader's shares.
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
