"""What can go wrong with a request to somebody else's server.

FetchError
├── Forbidden        it leads where none of ours may go
└── Unreachable      it was not answered as asked; worth another try
    └── LinkAway         its host is away or overwhelmed, and may be back by itself
"""


class FetchError(Exception):
    """A request was not answered. The message names no host and quotes no answer."""


class Forbidden(FetchError):
    """The link, or where it leads, is none that may be asked."""


class Unreachable(FetchError):
    """The link did not answer in time, or with an error, or with too much."""


class LinkAway(Unreachable):
    """The link's host does not answer, or says that it cannot now.

    retry_after_seconds: what it asked for.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)
