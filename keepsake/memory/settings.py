"""What operators may set of the memory package."""

from typing import Literal

from pydantic import Field

from keepsake.storage.settings import Settings


class MemorySettings(Settings):
    """How much the search may keep in memory, who compares vectors, and where links may lead.

    vector_search: `local` compares them in this process; `atlas` asks MongoDB Atlas' search index
    of the name `vector_index`.
    link_hosts: `host` or `host:port` of the operator's own that shared links and images may come
    from, though they are not public.
    """

    search_cache_bytes: int = Field(default=256 << 20, ge=1 << 20)
    vector_search: Literal["local", "atlas"] = "local"
    vector_index: str = "memory_vectors"
    link_hosts: frozenset[str] = frozenset()
