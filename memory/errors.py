"""What can go wrong with memories.

Exception
├── ModelDamaged     the embedding model's weights are not the ones that were pinned
└── Contended        another writer changed the same user's memories again and again
"""


class ModelDamaged(Exception):
    """The weights on disk are not the ones that were pinned."""


class Contended(Exception):
    """Another writer kept changing the same user's memories; worth another try."""
