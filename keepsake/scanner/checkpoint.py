"""What a scan has done: its stage and counts. JSON between slices, one value inside them.

An index is counted so that a rescan need only count what changed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, ValidationError

from keepsake.scanner.errors import CheckpointUnknown
from keepsake.scanner.models import ResolvedRef, ScanProgress, ScanRequest, Value, digest


class IndexStats(Value):
    """Counts of files; languages and skip reasons with a count each."""

    files: int = 0
    bytes: int = 0
    parsed: int = 0
    partial: int = 0
    """Of those parsed: files with lines that their grammar could not read."""
    failed: int = 0
    symbols: int = 0
    references: int = 0
    languages: dict[str, int] = Field(default_factory=dict)
    skipped: dict[str, int] = Field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], blobs: Mapping[str, Mapping[str, Any]]) -> Self:
        """Count file rows; `blobs` gives what the blob of a key holds."""
        numbers, languages, skipped = Counter[str](), Counter[str](), Counter[str]()
        for row in rows:
            blob = blobs.get(row["key"] or "", {})
            reason = row["skip"] or blob.get("skip")
            numbers["files"] += 1
            numbers["bytes"] += row["size"] or 0
            if reason:
                skipped[reason] += 1
                continue
            if row.get("counted", True):
                languages[row["language"]] += 1
            numbers["failed" if blob.get("failed") else "parsed"] += 1
            numbers["partial"] += bool(blob.get("partial"))
            numbers["symbols"] += blob.get("symbol_count", 0)
            numbers["references"] += blob.get("reference_count", 0)
        return cls(**numbers, languages=_by_name(languages), skipped=_by_name(skipped))

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
            for name in ("files", "bytes", "parsed", "partial", "failed", "symbols", "references")
        }
        return IndexStats(
            **numbers,
            languages=_joined(self.languages, other.languages, sign),
            skipped=_joined(self.skipped, other.skipped, sign),
        )


def _joined(counts: dict[str, int], other: dict[str, int], sign: int) -> dict[str, int]:
    joined = Counter(counts)
    for name, count in other.items():
        joined[name] += sign * count
    return _by_name({name: count for name, count in joined.items() if count})


def _by_name(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


class Stage(StrEnum):
    """The stages in their order. A published index is searchable; what follows adds to it."""

    RESOLVE = "resolve"
    FETCH = "fetch"
    DIFF = "diff"
    PARSE = "parse"
    PUBLISH = "publish"
    EMBED = "embed"
    ENRICH = "enrich"
    TIDY = "tidy"
    DONE = "done"


PUBLISHED_STAGES = frozenset({Stage.EMBED, Stage.ENRICH, Stage.TIDY, Stage.DONE})
"""The stages after the index became searchable; vectors and summaries join it later."""


class Checkpoint(Value):
    """Where a scan is. Each batch makes a new one; nothing else has to survive a crash."""

    version: int = 1
    request: str
    """A digest of the request: the checkpoint of another request is refused."""
    stage: Stage = Stage.RESOLVE
    resolved: ResolvedRef | None = None
    base: int = 0
    """The generation this scan builds upon; 0: none."""
    tree: str = ""
    dirty: bool = False
    """A working tree that differs from its commit."""
    reused: bool = False
    restarted: bool = False
    done: int = 0
    total: int | None = None
    after: str = ""
    """The last path that the stage has dealt with; in a diff, the digest of all its paths."""
    added: IndexStats = IndexStats()
    removed: IndexStats = IndexStats()
    kept: IndexStats = IndexStats()
    """What the base held; with the two above, what the new generation holds."""
    changed: int = 0
    seconds: dict[str, float] = Field(default_factory=dict)
    phase2: str = "pending"
    phase2_note: str = ""
    note: str = ""

    @classmethod
    def load(cls, state: Any, request: ScanRequest, owner: str) -> Self:
        """A saved state, or the start when there is none.

        Raises:
            CheckpointUnknown: It is of another version or another request.
        """
        ours = digest(owner, request.model_dump_json())
        if not state:
            return cls(request=ours)
        try:
            loaded = cls.model_validate(state)
        except ValidationError as error:
            raise CheckpointUnknown("the checkpoint is of another version") from error
        if loaded.request != ours:
            raise CheckpointUnknown("the checkpoint is of another request")
        return loaded

    @property
    def generation(self) -> int:
        """The generation that this scan makes."""
        return self.base + 1

    @property
    def shown_generation(self) -> int:
        """The generation that readers see after this scan has published, or found nothing new."""
        return self.base if self.reused else self.generation

    @property
    def resolved_ref(self) -> ResolvedRef:
        """What is scanned.

        Raises:
            CheckpointUnknown: It is not resolved yet.
        """
        if self.resolved is None:
            raise CheckpointUnknown("the checkpoint names no commit")
        return self.resolved

    @property
    def index_stats(self) -> IndexStats:
        """What the new generation holds."""
        return self.kept.minus(self.removed).plus(self.added)

    def state(self) -> dict[str, Any]:
        """What a job saves."""
        return self.model_dump(mode="json")

    def moved(self, **changes: Any) -> Self:
        """The next checkpoint."""
        return self.model_copy(update=changes)

    def enter(self, stage: Stage, **changes: Any) -> Self:
        """The checkpoint at the start of another stage."""
        fresh = {"stage": stage, "done": 0, "total": None, "after": "", "note": ""}
        return self.model_copy(update=fresh | changes)

    def progress(self, seconds_left: float | None) -> ScanProgress:
        """How far the scan is; `seconds_left` comes from `keepsake.scanner.eta`."""
        return ScanProgress(
            stage=self.stage,
            done=self.done,
            total=self.total,
            unit="symbols" if self.stage is Stage.EMBED else "files",
            files=self.added.files,
            partial=self.added.partial,
            failed=self.added.failed,
            symbols=self.added.symbols,
            seconds_left=seconds_left,
            note=self.note,
        )
