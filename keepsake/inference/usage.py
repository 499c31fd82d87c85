"""What calls of language models took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls, tokens and their price in the currency of the settings."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0

    def plus(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(
            self.calls + other.calls, self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens, self.cost + other.cost,
        )  # fmt: skip

    @classmethod
    def total(cls, reports: Iterable[Mapping[str, Any]]) -> "Usage":
        """All that reports show."""
        return reduce(cls.plus, (cls(**shown) for shown in reports), cls())

    @property
    def tokens(self) -> int:
        """In and out."""
        return self.input_tokens + self.output_tokens

    def shown(self) -> dict[str, Any]:
        """As it stands in a job's result; nothing when there was no call."""
        if not self.calls:
            return {}
        return {"calls": self.calls, "input_tokens": self.input_tokens,
                "output_tokens": self.output_tokens, "cost": round(self.cost, 6)}  # fmt: skip
