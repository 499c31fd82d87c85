"""What can go wrong with embeddings and language models.

Exception
├── ModelDamaged     the embedding model's weights are not the ones that were pinned
└── ModelError       a language model was of no use
    ├── ModelAway        no endpoint answered in time; worth another try
    ├── ModelRefused     every endpoint refused: the key or the request is wrong
    ├── ModelUnusable    the answer does not fit what was asked for, twice
    └── BudgetSpent      the calls, tokens or time allowed for a job are used up
"""


class ModelDamaged(Exception):
    """The weights on disk are not the ones that were pinned."""


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
