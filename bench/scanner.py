"""A first scan and a rescan after ten changed files, beside universal-ctags on the same trees.

`make bench-scanner` prints a table and writes bench/results/scanner.json. The trees are what PyPI
ships of Django and SQLAlchemy. Then, apart: what ctags lists in projects of 14 languages and a scan
does not; with vectors, on a part of Django; more than ten thousand files through a real worker.
`--quick` does each once. Needs ctags (universal-ctags).
A scan's cost is its seconds by stage, the processor time of all that take part, memory and size.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pymongo.database import Database

from bench import figures, scanner_recall
from bench.figures import Finding
from bench.scan_tools import tools_in
from bench.scanner_projects import PROJECTS
from bench.scanner_references import Reference, difference, references
from bench.scanner_trees import (
    KINDS,
    SourceTree,
    Symbol,
    compared,
    part,
    repository,
    run_ctags,
    tags,
    together,
)
from bench.servers import BenchServers, children, cpu_seconds, peak_mb, private_servers
from keepsake.inference import Embedder
from keepsake.launcher import LOOPBACK
from keepsake.scanner import (
    Scan,
    ScanOptions,
    ScanRequest,
    ScanResult,
    ScanTools,
)
from keepsake.storage import Document, Unfenced, connect

ROUNDS = 1 if "--quick" in sys.argv else 3
TREES = ("django", "sqlalchemy")
LARGE = ("django", "sqlalchemy", "sympy", "mypy")
EMBEDDED = ("django/http", "django/template")


def measured(tools: ScanTools, tree: SourceTree, folder: Path) -> dict[str, Any]:
    """Ctags and a first scan in turn, then ten changes and a rescan; each round another owner."""
    out, ctags, firsts = folder / f"{tree.name}.tags", list[float](), list[Scanned]()
    owners = [f"bench-{tree.name}-{number}" for number in range(ROUNDS)]
    for owner in owners:
        ctags.append(run_ctags(tree.path, out))
        firsts.append(scanned(tools, tree, owner))
    files = _python_files(tools, firsts[0].result)
    ours, skipped = _indexed(files)
    uses = _used(tree, files)
    agreement = compared(tree.path, ours, tags(out), skipped)
    tree.change()
    again = [scanned(tools, tree, owner) for owner in owners]
    stats, first = firsts[0].result.stats, by_stage(firsts)
    return {
        **{name: stats[name] for name in ("files", "bytes", "symbols", "skipped")},
        **_compared(first, by_stage(again)),
        "files_per_second": round(stats["files"] / first["total"]),
        "symbols_per_second": round(stats["symbols"] / first["total"]),
        "ctags_seconds": round(statistics.median(ctags), 3),
        "parse_cpu_seconds": statistics.median(scan.parse_cpu_seconds for scan in firsts),
        "parse_time_ratio_to_ctags": round(first["parse"] / statistics.median(ctags), 2),
        "agreement_with_ctags": agreement,
        "uses_of_names": uses,
    }


def embedded(tools: ScanTools, tree: SourceTree) -> dict[str, Any]:
    """With vectors: they take most of the time, so of a small tree, once."""
    first = scanned(tools, tree, "bench-embedding", embed=True)
    tree.change()
    again = scanned(tools, tree, "bench-embedding", embed=True)
    stats = first.result.stats
    return {
        "symbols": stats["symbols"],
        **_compared(by_stage([first]), by_stage([again])),
        "embedded_per_second": round(stats["symbols"] / first.seconds["embed"], 1),
    }


def _compared(first: dict[str, float], again: dict[str, float]) -> dict[str, Any]:
    ratio = round(again["total"] / first["total"], 4)
    return {"first_seconds": first, "rescan_seconds": again, "rescan_ratio": ratio}


def _python_files(tools: ScanTools, result: ScanResult) -> list[tuple[Document, Document]]:
    """The rows of the Python files, each with what was parsed."""
    rows = list(tools.files.shown(result.index, result.generation, {"language": "python"}))
    blobs = {b["_id"]: b for b in tools.blobs.read([row["key"] for row in rows if row["key"]])}
    return [(row, blobs.get(row["key"], {})) for row in rows]


def _used(tree: SourceTree, files: list[tuple[Document, Document]]) -> dict[str, Any]:
    """How the uses of names agree with those that `ast` has, in the files that both parse."""
    truth, ours = set[Reference](), set[Reference]()
    for row, blob in files:
        expected = references(tree.path / row["path"], tree.path)
        if expected and not blob.get("skip"):
            truth |= expected
            ours |= {
                (row["path"], place[0], use["name"], use.get("kind", "call"))
                for use in blob["calls"] + blob["uses"]
                for place in use["at"]
            }
    return difference(truth, ours)


def _indexed(files: list[tuple[Document, Document]]) -> tuple[dict[Symbol, str], dict[str, str]]:
    """The symbols of the Python files, and why some files have none."""
    symbols = {
        (row["path"], symbol["name"], symbol["line"]): symbol["kind"]
        for row, blob in files
        for symbol in blob.get("symbols", ())
        if symbol["kind"] in KINDS.values()
    }
    reasons = {row["path"]: row["skip"] or blob.get("skip") for row, blob in files}
    return symbols, {path: reason for path, reason in reasons.items() if reason}


def findings(rows: dict[str, Any]) -> list[Finding]:
    """What was aimed at, and what it is."""
    compared = []
    for name in TREES:
        row = rows[name]
        agreed, parse = row["agreement_with_ctags"], row["first_seconds"]["parse"]
        compared += [
            Finding(f"{name}: symbols that agree with ctags", f"{agreed['agreement']:.2%}",
                    f"{agreed['agreement_over_all']:.2%} with files that one of them skips",
                    aim="at least 98 %", met=agreed["agreement"] >= 0.98),
            Finding(f"{name}: parse stage", f"{parse:.2f} s", f"ctags {row['ctags_seconds']:.2f} s",
                    row["parse_time_ratio_to_ctags"], "at most 3 x",
                    row["parse_time_ratio_to_ctags"] <= 3),
            _rescan(name, row),
            *(
                Finding(f"{name}: {what} of uses beside ast", f"{row['uses_of_names'][what]:.2%}",
                        aim="at least 95 %", met=row["uses_of_names"][what] >= 0.95)
                for what in ("precision", "recall")
            ),
        ]  # fmt: skip
    return [*compared, _rescan("with vectors", rows["embedding"])]


def _rescan(name: str, row: dict[str, Any]) -> Finding:
    first, again = row["first_seconds"]["total"], row["rescan_seconds"]["total"]
    return Finding(f"{name}: rescan of ten changed files", f"{again:.2f} s",
                   f"first scan {first:.2f} s", row["rescan_ratio"], "under 0.02 x",
                   row["rescan_ratio"] < 0.02)  # fmt: skip


def _in_process(folder: Path) -> dict[str, Any]:
    tools = tools_in(folder, Embedder())
    try:
        trees = [repository(folder / "trees", name) for name in TREES]
        small = part(folder, trees[0], *EMBEDDED)
        rows = {tree.name: measured(tools, tree, folder) for tree in trees}
        return rows | {"embedding": embedded(tools, small)}
    finally:
        tools.parsers.close()


def _large(servers: BenchServers, folder: Path) -> dict[str, Any]:
    return large(servers, together(folder / "large", LARGE), folder / "worker")


def _stages(rows: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Seconds by stage of every scan that was measured."""
    scans = {f"{name}, {kind}": rows[name][f"{kind}_seconds"]
             for name in (*TREES, "embedding") for kind in ("first", "rescan")}  # fmt: skip
    scans["large"] = rows["large"]["seconds"]
    stages = list(scans["large"])
    return ["seconds", *stages], [
        [name, *(f"{seconds.get(stage, 0):.3f}" for stage in stages)]
        for name, seconds in scans.items()
    ]


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


def main() -> None:
    """Measure on private servers."""
    with tempfile.TemporaryDirectory() as name, private_servers() as servers:
        folder = Path(name)
        rows = _in_process(folder)
        rows["large"] = _large(servers, folder)
        top = {
            key: {name: rows[name][key] for name in TREES}
            for key in ("rescan_ratio", "parse_time_ratio_to_ctags", "agreement_with_ctags")
        }
        top["rescan_ratio"]["with_vectors"] = rows["embedding"]["rescan_ratio"]
        recalls = [scanner_recall.recalled(project) for project in PROJECTS]
        rows["recall"] = {recall.language: recall.figures() for recall in recalls}
        top["recall_of_ctags"] = {recall.language: round(recall.share, 4) for recall in recalls}
        aims = [*findings(rows), *scanner_recall.findings(recalls)]
        figures.keep("scanner", rows, aims, {"rounds": ROUNDS}, top)
        print("\n".join(map(scanner_recall.shown, recalls)))
        print(figures.table(*_stages(rows)))


if __name__ == "__main__":
    main()
