"""Which language models may be asked, for how long and for how much."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, TypeAdapter
from pydantic.functional_validators import BeforeValidator
from pydantic_settings import NoDecode, SettingsConfigDict

from keepsake.storage import Audience, Settings

Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Endpoint(BaseModel):
    """One server and the model to ask there, at its own prices; its key is never shown."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="forbid")

    base_url: HttpUrl
    model: str = Field(min_length=1, max_length=200)
    api_key: SecretStr = SecretStr("")
    price_per_million_input: Price = 0.0
    price_per_million_output: Price = 0.0

    @property
    def prices(self) -> tuple[float, float]:
        """Of a million tokens read, and of a million written."""
        return self.price_per_million_input, self.price_per_million_output


_ENDPOINTS = TypeAdapter(tuple[Endpoint, ...])


def _decoded(value: object) -> object:
    return _ENDPOINTS.validate_json(value or "[]") if isinstance(value, str) else value


class LlmSettings(Settings):
    """Without a base URL no language model is used."""

    model_config = SettingsConfigDict(env_prefix="KEEPSAKE_LLM_")
    audience = Audience.MODELS

    base_url: str = ""
    """An OpenAI-compatible endpoint, such as `https://…/v1`."""
    model: str = ""
    """The model to ask there."""
    api_key: SecretStr = SecretStr("")
    """Its key."""
    fallbacks: Annotated[tuple[Endpoint, ...], NoDecode, BeforeValidator(_decoded)] = ()
    """More endpoints, as JSON: `[{"base_url": …, "model": …, "api_key": …,
    "price_per_million_input": …, "price_per_million_output": …}]`; key and prices may be left
    out."""
    vision_model: str = ""
    """A model of the first endpoint that sees."""
    timeout_seconds: float = Field(default=45.0, gt=0)
    """How long one call may take."""
    calls_per_turn: int = Field(default=6, ge=1)
    """The most calls for one step of a turn."""
    tokens_per_turn: int = Field(default=20_000, ge=100)
    """No further call after so many tokens."""
    price_per_million_input: Price = 0.0
    """Of the first endpoint, for the account of costs; each fallback has its own."""
    price_per_million_output: Price = 0.0
    """The same for what is written."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """In the order in which they are asked; empty when no model is configured."""
        if not self.base_url:
            return ()
        first = Endpoint(
            base_url=HttpUrl(self.base_url), model=self.model, api_key=self.api_key,
            price_per_million_input=self.price_per_million_input,
            price_per_million_output=self.price_per_million_output,
        )  # fmt: skip
        return (first, *self.fallbacks)

    def for_vision(self) -> Self:
        """The same with the model that sees, on the first endpoint."""
        return self.model_copy(update={"model": self.vision_model, "fallbacks": ()})
