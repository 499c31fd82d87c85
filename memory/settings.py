"""What operators may set of the memory package."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class MemorySettings(BaseSettings):
    """How much the search may keep in memory."""

    model_config = SettingsConfigDict(env_prefix="KEEPSAKE_", frozen=True)

    search_cache_bytes: int = Field(default=256 << 20, ge=1 << 20)
