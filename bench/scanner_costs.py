"""What a scan costs: seconds by stage, processor time of all that take part, memory."""

import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.scanner_trees import Tree
from keepsake.scanner.models import ScanOptions, ScanRequest, ScanResult
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.stages.run import ScanTools
from keepsake.storage.fence import Unfenced

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan that has ended, and the processor seconds of its parse stage."""

    result: ScanResult
    parse_cpu_seconds: float

    @property
    def seconds(self) -> dict[str, float]:
        """By stage."""
        found: dict[str, float] = self.result.stats["seconds"]
        return found


def scanned(tools: ScanTools, tree: Tree, owner: str, *, embed: bool = False) -> Scanned:
    """Scan to the end, in this process; parsers and mongod are its children."""
    request = ScanRequest(url=tree.url, options=ScanOptions(embed=embed, enrich=False))
    scan = Scan(tools, owner, request, fence=Unfenced())
    marks = dict[str, float]()
    for step in scan.steps():
        if step.progress.stage not in marks:
            marks[step.progress.stage] = cpu_seconds([os.getpid(), *children(os.getpid())])
    return Scanned(scan.result, round(marks["publish"] - marks["parse"], 2))


def by_stage(scans: Sequence[Scanned]) -> dict[str, float]:
    """The median of each stage, and their sum."""
    found = {
        stage: round(statistics.median(one.seconds.get(stage, 0) for one in scans), 3)
        for stage in scans[0].seconds
    }
    return found | {"total": round(sum(found.values()), 3)}


def cpu_seconds(processes: Iterable[int]) -> float:
    """What processes and their ended children have used."""
    return sum(sum(_stat(process)[11:15]) for process in processes) / _TICKS


def children(process: int) -> list[int]:
    """The processes that one has started."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in listed for child in file.read_text().split()]


def peak_mb(process: int) -> int:
    """The most memory that a process has had."""
    told = Path(f"/proc/{process}/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) >> 10


def _stat(process: int) -> list[int]:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:  # it ended: its parent counts it now
        return [0] * 15
    return [int(field) if field.lstrip("-").isdigit() else 0 for field in fields]
