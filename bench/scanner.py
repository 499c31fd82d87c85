"""A first scan and a rescan after ten changed files, beside universal-ctags on the same trees.

`python -m bench.scanner_index` prints a table and writes bench/results/scanner.json. Vectors are
off; `python -m bench.scanner_vectors` measures them apart. Needs ctags (Debian: universal-ctags).
"""

import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from bench.scanner_ctags import compared, run_ctags, tags
from bench.scanner_trees import Tree, trees
from scanner.models import ScanOptions, ScanRequest, ScanResult
from scanner.parse.pool import ParserPool
from scanner.pipeline import Scan
from scanner.settings import ScannerSettings
from scanner.stages.run import Tools
from stack.mongod import Mongod
from stack.ports import free_port
from storage.fence import Unfenced
from storage.mongo import connect

ROUNDS = 3
RESULTS = Path(__file__).parent / "results" / "scanner.json"


def scanned(tools: Tools, tree: Tree, owner: str) -> ScanResult:
    """Scan to the end."""
    request = ScanRequest(url=tree.url, options=ScanOptions(embed=False, enrich=False))
    scan = Scan(tools, owner, request, fence=Unfenced())
    for _ in scan.steps():
        pass
    return scan.result


def measured(tools: Tools, tree: Tree, folder: Path) -> dict[str, Any]:
    """Scan, change ten files, scan again; as several owners, so that nothing is shared."""
    out = folder / f"{tree.name}.tags"
    ctags = [run_ctags(tree.path, out) for _ in range(ROUNDS)]
    firsts = [scanned(tools, tree, f"bench-{tree.name}-{n}") for n in range(ROUNDS)]
    agreement = compared(_symbols(tools, firsts[0]), tags(out))
    tree.change()
    seconds = [scanned(tools, tree, f"bench-{tree.name}-{n}") for n in range(ROUNDS)]
    first, again = _seconds(firsts), _seconds(seconds)
    stats = firsts[0].stats
    return {
        "files": stats["files"],
        "bytes": stats["bytes"],
        "symbols": stats["symbols"],
        "skipped": stats["skipped"],
        "first_seconds": first,
        "rescan_seconds": again,
        "files_per_second": round(stats["files"] / first["total"]),
        "symbols_per_second": round(stats["symbols"] / first["total"]),
        "rescan_ratio": round(again["total"] / first["total"], 4),
        "ctags_seconds": round(statistics.median(ctags), 3),
        "parse_time_ratio_to_ctags": round(first["parse"] / statistics.median(ctags), 2),
        "agreement_with_ctags": agreement,
    }


def _seconds(results: list[ScanResult]) -> dict[str, float]:
    stages = results[0].stats["seconds"]
    found = {
        stage: round(statistics.median(one.stats["seconds"].get(stage, 0) for one in results), 3)
        for stage in stages
    }
    return found | {"total": round(sum(found.values()), 3)}


def _symbols(tools: Tools, result: ScanResult) -> dict[tuple[str, str, int], str]:
    rows = list(tools.files.shown(result.index, result.generation, {"language": "python"}))
    blobs = {b["_id"]: b for b in tools.blobs.read([row["key"] for row in rows if row["key"]])}
    return {
        (row["path"], symbol["name"], symbol["line"]): symbol["kind"]
        for row in rows
        if row["key"]
        for symbol in blobs[row["key"]].get("symbols", ())
    }


def main() -> None:
    """Measure every tree on a private mongod."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mongod = Mongod(folder / "mongo", free_port())
        mongod.start()
        os.environ["KEEPSAKE_MONGO_URL"] = mongod.url
        settings = ScannerSettings(
            scan_cache_path=folder / "mirrors", scan_protocols=frozenset({"file"})
        )
        tools = Tools(connect(), settings, ParserPool(settings))
        try:
            found = {tree.name: measured(tools, tree, folder) for tree in trees(folder)}
        finally:
            tools.parsers.close()
            mongod.stop()
    report = {"cores": os.cpu_count(), "parsers": settings.scan_parsers, "trees": found}
    report |= {
        key: {name: one[key] for name, one in found.items()}
        for key in ("rescan_ratio", "parse_time_ratio_to_ctags")
    }
    report["agreement_with_ctags"] = {
        name: one["agreement_with_ctags"]["agreement"] for name, one in found.items()
    }
    RESULTS.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
