"""More than ten thousand files through a real worker: memory, size in MongoDB, time by stage."""

from pathlib import Path
from typing import Any

import httpx
from pymongo.database import Database

from bench.scanner_costs import children, peak_mb
from bench.scanner_trees import Tree
from bench.servers import Farm
from keepsake.launcher.ports import LOOPBACK
from keepsake.storage.mongo import Document, connect

Sizes = dict[str, dict[str, float]]
_COLLECTIONS = ("code_files", "code_blobs", "code_sources")
_MOST_SECONDS = 300


def large(made: Farm, tree: Tree, folder: Path) -> dict[str, Any]:
    """Post a scan over HTTP, wait for its end, and say what it took."""
    allowed = {"KEEPSAKE_SCAN_PROTOCOLS": '["file"]', "KEEPSAKE_SCAN_CACHE_PATH": str(folder)}
    port = made.keepsake(**allowed)
    worker = made.dramatiq("actors", 4, **allowed)
    before = _sizes(connect())
    stats = _posted(f"http://{LOOPBACK}:{port}", made.key(), tree)
    (process,) = [pid for pid in children(worker.pid) if children(pid)]
    return {
        "files": stats["files"],
        "symbols": stats["symbols"],
        "seconds": stats["seconds"],
        "worker_peak_mb": peak_mb(process),
        "parser_peak_mb": max(peak_mb(parser) for parser in children(process)),
        "mongodb_mb": _growth(before, _sizes(connect())),
    }


def _posted(base_url: str, key: str, tree: Tree) -> dict[str, Any]:
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
            "documents": round(told["size"] / 1024, 1),
            "stored": round(told["storageSize"] / 1024, 1),
            "indexes": round(told["totalIndexSize"] / 1024, 1),
        }
        for name, told in stats.items()
    }
