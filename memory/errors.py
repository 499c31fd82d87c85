"""What can go wrong with memories.

Exception
├── ModelDamaged     the embedding model's weights are not the ones that were pinned
├── Contended        another writer changed the same user's memories again and again
├── NoSuchMemory     the user has no memory of that id
├── FetchError       a shared link was not read
│   ├── Forbidden        it leads where no fetch may go
│   └── Unreachable      it did not answer as asked; worth another try
│       └── LinkAway         its host is away or overwhelmed, and may be back by itself
├── NoVectorSearch   the settings ask for `$vectorSearch`, and MongoDB has none
├── NoTurns          nothing in a page or a file could be read as a conversation
└── ModelError       a language model was of no use
    ├── ModelAway        no endpoint answered in time; worth another try
    ├── ModelRefused     every endpoint refused: the key or the request is wrong
    ├── ModelUnusable    the answer does not fit what was asked for, twice
    └── BudgetSpent      the calls, tokens or time allowed for a job are used up
"""


class ModelDamaged(Exception):
    """The weights on disk are not the ones that were pinned."""


class Contended(Exception):
    """Another writer kept changing the same user's memories; worth another try."""


class NoSuchMemory(Exception):
    """The user has no memory of that id; nobody learns whether another user has."""


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


class ModelError(Exception):
    """A language model was of no use. The message holds no text of a user or a model."""


class ModelAway(ModelError):
    """No endpoint answered, or all were too slow or too busy."""


class ModelRefused(ModelError):
    """Every endpoint refused: a wrong key, model or request."""


class ModelUnusable(ModelError):
    """What came back does not fit what was asked for, even after it was told so."""


class BudgetSpent(ModelError):
    """The calls, tokens or time allowed are used up."""
