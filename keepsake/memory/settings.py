"""What operators may set of the memory package."""

from typing import Literal

from pydantic import Field

from keepsake.storage import Audience, Settings


class MemorySettings(Settings):
    """How much the search may keep in memory, who compares vectors, and where links may lead."""

    audience = Audience.MEMORY

    search_cache_bytes: int = Field(default=256 << 20, ge=1 << 20)
    """What the memory indexes of one process may take."""
    vector_search: Literal["local", "atlas"] = "local"
    """Who compares memories' vectors: each process, or MongoDB `atlas` ([memory.md](memory.md))."""
    vector_index: str = "memory_vectors"
    """The name of Atlas' search index."""
    link_hosts: frozenset[str] = frozenset()
    """Hosts of your own, as `["chat.example.org:8443"]`, that shared links and images may come from
    though they are not public."""
