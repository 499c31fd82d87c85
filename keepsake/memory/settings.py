"""What operators may set of the memory package."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

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

    embedding_runtime: Literal["numpy", "onnx"] = "numpy"
    """What computes `multilingual-e5-small`: `onnx` takes less time, and needs the extra `onnx`.
    Vectors of both compare with each other."""

    @model_validator(mode="after")
    def _are_there(self) -> Self:
        """Say at the start, rather than at the first turn, that a model is not there."""
        if self.embedding_runtime == "numpy" and self.embedding_model != "multilingual-e5-small":
            return self
        from keepsake.inference import E5, E5_ONNX  # noqa: PLC0415 - numpy comes with it

        model = E5_ONNX if self.embedding_runtime == "onnx" else E5
        if not model.is_installed:
            raise ValueError(f"{model.name} is not installed: install {', '.join(model.missing)}")
        return self
