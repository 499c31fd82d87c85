"""What an index holds, counted so that a rescan need only count what changed."""

from collections import Counter
from typing import Any, Self

from pydantic import Field

from keepsake.scanner.models import Value


class IndexStats(Value):
    """Counts of files; languages and skip reasons with a count each."""

    files: int = 0
    bytes: int = 0
    parsed: int = 0
    failed: int = 0
    symbols: int = 0
    references: int = 0
    languages: dict[str, int] = Field(default_factory=dict)
    skipped: dict[str, int] = Field(default_factory=dict)

    def plus(self, other: Self) -> "IndexStats":
        """Both together."""
        return self._joined(other, 1)

    def minus(self, other: Self) -> "IndexStats":
        """This without the other."""
        return self._joined(other, -1)

    def stats(self) -> dict[str, Any]:
        """For a client."""
        return self.model_dump(mode="json") | {"files_skipped": sum(self.skipped.values())}

    def _joined(self, other: Self, sign: int) -> "IndexStats":
        numbers = {
            name: getattr(self, name) + sign * getattr(other, name)
            for name in ("files", "bytes", "parsed", "failed", "symbols", "references")
        }
        return IndexStats(
            **numbers,
            languages=_joined(self.languages, other.languages, sign),
            skipped=_joined(self.skipped, other.skipped, sign),
        )


def _joined(one: dict[str, int], other: dict[str, int], sign: int) -> dict[str, int]:
    counts = Counter(one)
    for name, count in other.items():
        counts[name] += sign * count
    return {name: counts[name] for name in sorted(counts) if counts[name]}
