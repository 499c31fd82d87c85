"""What operators may set of the memory package."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class MemorySettings(BaseSettings):
    """How much the search may keep in memory, and where links may lead.

    link_hosts: `host` or `host:port` of the operator's own that shared links and images may come
    from, though they are not public.
    """

    model_config = SettingsConfigDict(env_prefix="KEEPSAKE_", frozen=True)

    search_cache_bytes: int = Field(default=256 << 20, ge=1 << 20)
    link_hosts: frozenset[str] = frozenset()
