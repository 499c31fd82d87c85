"""How long a scan will still take: its stage by its own speed, later stages by former scans.

At first a stage's own speed tells little, since files come by path and folders differ. Until half
of them are done, former scans weigh more.
"""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import WriteConcern
from pymongo.database import Database

from keepsake.scanner.checkpoint import Checkpoint, Stage
from keepsake.scanner.models import digest
from keepsake.scanner.store import HISTORY
from keepsake.storage import Document, literals, translated

_COUNTED = {
    Stage.DIFF: "files",
    Stage.PARSE: "files",
    Stage.EMBED: "symbols",
    Stage.ENRICH: "files",
}
"""What a stage's time grows with."""
_ORDER = list(_COUNTED)
_RECENT = 50


@dataclass(frozen=True, slots=True)
class Eta:
    """Seconds of former scans per file or symbol, by stage, and their symbols per file.

    A stage that none of them had is missing; `symbols` is None while there were none.
    """

    seconds: Mapping[Stage, float]
    symbols: float | None

    @classmethod
    def of(cls, past: Sequence[Mapping[str, Any]]) -> "Eta":
        """The speeds of some scans, as `History` records them."""
        rates = {stage: _rate(past, stage, counted) for stage, counted in _COUNTED.items()}
        files = sum(scan["added"]["files"] for scan in past)
        symbols = sum(scan["added"]["symbols"] for scan in past)
        return cls(
            {stage: eta for stage, eta in rates.items() if eta is not None},
            symbols / files if files else None,
        )

    def seconds_left(self, checkpoint: Checkpoint, stages: frozenset[Stage]) -> float | None:
        """The seconds from a checkpoint to the end of the last of some stages.

        None while that is unknown: before the files are counted, or when no scan of this machine
        has had one of the stages yet.
        """
        if checkpoint.stage not in _COUNTED:
            return 0.0 if checkpoint.stage in (Stage.TIDY, Stage.DONE) else None
        later = _ORDER[_ORDER.index(checkpoint.stage) + 1 :]
        parts = [self._own(checkpoint)]
        parts += [self._later(stage, checkpoint) for stage in later if stage in stages]
        known = [seconds for seconds in parts if seconds is not None]
        return round(sum(known), 1) if len(known) == len(parts) else None

    def _own(self, checkpoint: Checkpoint) -> float | None:
        total, done = checkpoint.total, checkpoint.done
        if total is None:
            return None
        former = self.seconds.get(checkpoint.stage)
        own = checkpoint.seconds.get(checkpoint.stage, 0.0) / done if done else former
        if own is None:
            return None
        share = min(2 * done / total, 1.0) if total and former is not None else 1.0
        return (own * share + (former or 0.0) * (1 - share)) * max(total - done, 0)

    def _later(self, stage: Stage, checkpoint: Checkpoint) -> float | None:
        eta = self.seconds.get(stage)
        files = checkpoint.total if checkpoint.stage is not Stage.EMBED else checkpoint.added.files
        count = self._symbols(checkpoint) if _COUNTED[stage] == "symbols" else files
        return None if eta is None or count is None else eta * count

    def _symbols(self, checkpoint: Checkpoint) -> float | None:
        """How many symbols there will be, by those found so far, else by former scans."""
        counted, total = checkpoint.added, checkpoint.total or 0
        if checkpoint.stage is Stage.PARSE and counted.files:
            return counted.symbols / counted.files * total
        return None if self.symbols is None else self.symbols * total


def _rate(past: Sequence[Mapping[str, Any]], stage: Stage, counted: str) -> float | None:
    had = [scan for scan in past if stage in scan.get("stages", ())]
    count = sum(scan["added"][counted] for scan in had)
    return sum(scan["seconds"].get(stage, 0.0) for scan in had) / count if count else None


class History:
    """One document per scan that did something; owners are not in it."""

    def __init__(self, database: Database[Document], machine: str | None = None) -> None:
        self._scans = database[HISTORY]
        self._unjournaled = self._scans.with_options(write_concern=WriteConcern(w=1, j=False))
        self.machine = machine or platform.node()

    def add(self, index: str, generation: int, facts: dict[str, Any]) -> None:
        """Record a scan, or nearly always: a repeat replaces it, and it waits for no disk."""
        which = {"_id": digest("scan", index, str(generation))}
        fields = {**literals(machine=self.machine, **facts), "at": "$$NOW"}
        with translated("recording the scan"):
            self._unjournaled.update_one(which, [{"$set": fields}], upsert=True)

    def recent(self) -> list[Document]:
        """The latest scans of this machine; of any, while it has none."""
        with translated("reading the history"):
            scans = self._scans.find({"machine": self.machine}).sort("at", -1).limit(_RECENT)
            return list(scans) or list(self._scans.find().sort("at", -1).limit(_RECENT))
