"""What a scan costs: seconds by stage, processor time of all that take part, memory, size.

Scans run in this process; one of more than ten thousand files goes through a real worker.
"""

import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pymongo.database import Database

from bench.scanner_trees import SourceTree
from bench.servers import BenchServers
from keepsake.launcher import LOOPBACK
from keepsake.scanner import Scan, ScanOptions, ScanRequest, ScanResult, ScanTools
from keepsake.storage import Document, Unfenced, connect

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan that has ended, and the processor seconds of its parse stage."""

    result: ScanResult
    parse_cpu_seconds: float

    @property
    def seconds(self) -> dict[str, float]:
        """By stage."""
        seconds: dict[str, float] = self.result.stats["seconds"]
        return seconds


def scanned(tools: ScanTools, tree: SourceTree, owner: str, *, embed: bool = False) -> Scanned:
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
    medians = {
        stage: round(statistics.median(scan.seconds.get(stage, 0) for scan in scans), 3)
        for stage in scans[0].seconds
    }
    return medians | {"total": round(sum(medians.values()), 3)}


def cpu_seconds(processes: Iterable[int]) -> float:
    """What processes and their ended children have used."""
    return sum(sum(_stat(process)[11:15]) for process in processes) / _TICKS


def children(process: int) -> list[int]:
    """The processes that one has started."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in listed for child in file.read_text().split()]


def peak_mb(process: int) -> int:
    """The most memory that a process has had."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def _stat(process: int) -> list[int]:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:  # it ended: its parent counts it now
        return [0] * 15
    return [int(field) if field.lstrip("-").isdigit() else 0 for field in fields]


Sizes = dict[str, dict[str, float]]
_COLLECTIONS = ("code_files", "code_blobs", "code_sources")
_MOST_SECONDS = 300


def large(servers: BenchServers, tree: SourceTree, folder: Path) -> dict[str, Any]:
    """Post a scan over HTTP, wait for its end, and say what it took."""
    allowed = {"KEEPSAKE_SCAN_PROTOCOLS": '["file"]', "KEEPSAKE_SCAN_CACHE_PATH": str(folder)}
    port = servers.keepsake(**allowed)
    worker = servers.dramatiq("actors", 4, **allowed)
    before = _sizes(connect())
    stats = _posted(f"http://{LOOPBACK}:{port}", servers.key(), tree)
    (process,) = [pid for pid in children(worker.pid) if children(pid)]
    return {
        "files": stats["files"],
        "symbols": stats["symbols"],
        "seconds": stats["seconds"],
        "worker_peak_mb": peak_mb(process),
        "parser_peak_mb": max(peak_mb(parser) for parser in children(process)),
        "mongodb_mb": _growth(before, _sizes(connect())),
    }


def _posted(base_url: str, key: str, tree: SourceTree) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=base_url, headers=headers, timeout=90) as client:
        body = {"url": tree.url, "options": {"embed": False, "enrich": False}}
        job = client.post("/v2/scanner/scans", json=body).raise_for_status().json()
        for _ in range(_MOST_SECONDS // 20):
            job = client.get(job["status_url"], params={"wait": 20}).raise_for_status().json()
            if job["status"] == "succeeded":
                result = client.get(f"{job['status_url']}/result").raise_for_status().json()
                stats: dict[str, Any] = result["result"]["stats"]
                return stats
    raise TimeoutError(f"the scan did not succeed: {job['status']}")


def _growth(before: Sizes, after: Sizes) -> Sizes:
    """What the scan added: earlier ones are in the same database."""
    return {
        name: {what: round(mb - before.get(name, {}).get(what, 0), 1) for what, mb in sizes.items()}
        for name, sizes in after.items()
    }


def _sizes(database: Database[Document]) -> Sizes:
    """Of each collection: its documents, as they are stored, and its indexes."""
    stats = {name: database.command("collStats", name, scale=1 << 10) for name in _COLLECTIONS}
    return {
        name: {
            "documents": round(sizes["size"] / 1024, 1),
            "stored": round(sizes["storageSize"] / 1024, 1),
            "indexes": round(sizes["totalIndexSize"] / 1024, 1),
        }
        for name, sizes in stats.items()
    }
