"""What the HTTP side allows."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """Limits of requests; a key may have limits of its own."""

    model_config = SettingsConfigDict(env_prefix="KEEPSAKE_", frozen=True)

    body_limit_bytes: int = Field(default=8_000_000, ge=1_000)
    """Larger bodies are refused before they are parsed."""
    requests_per_second: float = Field(default=2_000, gt=0)
    """What an owner may ask for in the long run; twice as much at once."""
    backlog_limit: int = Field(default=100_000, ge=1)
    """An owner's unfinished jobs."""
