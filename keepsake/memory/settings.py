"""What operators may set of the memory package."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from keepsake.storage import Audience, Settings

LONGEST_SECONDS = 7 * 86_400
"""Of a reply: no job lives so long."""


class MemorySettings(Settings):
    """How much the search may keep in memory, and who compares vectors."""

    audience = Audience.MEMORY

    search_cache_bytes: int = Field(default=256 << 20, ge=1 << 20)
    """What the memory indexes of one process may take."""
    vector_search: Literal["local", "atlas"] = "local"
    """Who compares memories' vectors: each process, or MongoDB `atlas` ([memory.md](memory.md))."""
    vector_index: str = "memory_vectors"
    """The name of Atlas' search index."""
    llm_replies_kept_seconds: Annotated[int, Audience.RETENTION] = Field(
        default=LONGEST_SECONDS, ge=60, le=LONGEST_SECONDS
    )
    """Then a language model's reply to a turn is removed. A job that repeats the step later asks,
    and pays, again."""
    embedding_model: Literal["auto", "all-MiniLM-L6-v2", "multilingual-e5-small"] = "auto"
    """What memories are found by: `multilingual-e5-small` knows a hundred languages, and needs the
    extra `multilingual`; `auto` takes it where it is installed. The same for all processes."""

    @field_validator("embedding_model")
    @classmethod
    def _is_there(cls, name: str) -> str:
        """Say at the start, rather than at the first turn, that a model is not there."""
        if name in {"auto", "all-MiniLM-L6-v2"}:
            return name
        from keepsake.inference import E5  # noqa: PLC0415 - numpy comes with it

        if not E5.is_installed:
            raise ValueError(f"{name} is not installed: install {E5.distribution}")
        return name
