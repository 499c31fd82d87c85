"""What can go wrong with memories.

Exception
├── Contended        another writer changed the same user's memories again and again
├── NoSuchMemory     the user has no memory of that id
├── FetchError       a shared link was not read
│   ├── Forbidden        it leads where no fetch may go
│   └── Unreachable      it did not answer as asked; worth another try
│       └── LinkAway         its host is away or overwhelmed, and may be back by itself
├── NoVectorSearch   the settings ask for `$vectorSearch`, and MongoDB has none
└── NoTurns          nothing in a page or a file could be read as a conversation
"""


class Contended(Exception):
    """Another writer kept changing the same user's memories; worth another try."""


class NoSuchMemory(Exception):
    """The user has no memory of that id; it is not told whether another user has."""


class FetchError(Exception):
    """A link was not read. The message names no host and quotes no page."""


class Forbidden(FetchError):
    """The link, or where it leads, is none that may be fetched."""


class Unreachable(FetchError):
    """The link did not answer in time, or with an error, or with too much."""


class LinkAway(Unreachable):
    """The link's host does not answer, or says that it cannot now.

    retry_after_seconds: what it asked for.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class NoVectorSearch(Exception):
    """The operator asked for `$vectorSearch`, and MongoDB has none."""


class NoTurns(Exception):
    """Nothing could be read as a conversation."""
