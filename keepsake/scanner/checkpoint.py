"""What a scan has done: JSON between slices, one value inside them."""

from enum import StrEnum
from typing import Any, Self

from pydantic import Field, ValidationError

from keepsake.scanner.errors import CheckpointUnknown
from keepsake.scanner.index_stats import IndexStats
from keepsake.scanner.models import Head, Progress, ScanRequest, Value, digest


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


class Checkpoint(Value):
    """Where a scan is. Each batch makes a new one; nothing else has to survive a crash."""

    version: int = 1
    request: str
    """A digest of what was asked, so that no checkpoint serves another request."""
    stage: Stage = Stage.RESOLVE
    head: Head | None = None
    base: int = 0
    """The generation this scan builds upon; 0: none."""
    tree: str = ""
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
    def known_head(self) -> Head:
        """What is scanned.

        Raises:
            CheckpointUnknown: It is not resolved yet.
        """
        if self.head is None:
            raise CheckpointUnknown("the checkpoint names no commit")
        return self.head

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

    def progress(self, seconds_left: float | None) -> Progress:
        """How far it is; how long it will still take is told by `keepsake.scanner.eta`."""
        return Progress(
            stage=self.stage,
            done=self.done,
            total=self.total,
            unit="symbols" if self.stage is Stage.EMBED else "files",
            files=self.added.files,
            symbols=self.added.symbols,
            seconds_left=seconds_left,
            note=self.note,
        )
