"""What can go wrong with memories.

Exception
├── Contended        another writer changed or removed the same user's memories meanwhile
├── NoSuchMemory     the user has no memory of that id
├── NoVectorSearch   the settings ask for `$vectorSearch`, and MongoDB has none
└── NoTurns          nothing in a page or a file could be read as a conversation
"""


class Contended(Exception):
    """Another writer kept changing the same user's memories; worth another try."""


class NoSuchMemory(Exception):
    """The user has no memory of that id; it is not told whether another user has."""


class NoVectorSearch(Exception):
    """The operator asked for `$vectorSearch`, and MongoDB has none."""


class NoTurns(Exception):
    """Nothing could be read as a conversation."""
