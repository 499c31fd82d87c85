"""What everything takes at one moment: each process, MongoDB, and the requests since the last."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.servers import children
from keepsake.storage import Document, Documents

_MB = 1e6
_OF_PYTHON = ("web", "worker")
LAUNCHER = "launcher"
Sample = dict[str, Any]


def processes(parts: dict[str, int]) -> dict[str, dict[str, float]]:
    """Memory (proportional set), descriptors and threads of each part.

    Of a Python part these are of its master and the process that does the work. The parsers and
    git that a worker starts come and go, and are apart as `children_mb`.
    """
    taken = {}
    for name, pid in parts.items():
        own, others = _own(name, pid)
        mb = sum(map(_pss_mb, own))
        if mb:
            taken[name] = {
                "pid": pid, "mb": round(mb, 1),
                "descriptors": sum(map(_descriptors, own)), "threads": sum(map(_threads, own)),
                "children_mb": round(sum(map(_pss_mb, others)), 1),
            }  # fmt: skip
    return taken


def mongodb(database: Documents) -> dict[str, Any]:
    """Sizes of data and indexes, in all and of each collection, and the jobs by how they stand."""
    stats = database.command("dbStats")
    names = sorted(name for name in database.list_collection_names() if "system." not in name)
    return {
        "data_mb": round(stats["dataSize"] / _MB, 3),
        "index_mb": round(stats["indexSize"] / _MB, 3),
        "storage_mb": round(stats["storageSize"] / _MB, 3),
        "collections": {name: _collection(database, name) for name in names},
    }


def jobs(database: Documents) -> dict[str, int]:
    """How many records there are of jobs that have not ended, and of those that were given up."""
    return {
        "unfinished": database["jobs"].count_documents({"open_lane": {"$exists": True}}),
        "dead_letters": database["dead_letters"].estimated_document_count(),
    }


def disk_mb(directory: Path) -> float:
    """What the mirrors of repositories take."""
    return round(sum(_size(path) for path in directory.rglob("*")) / _MB, 2)


def _collection(database: Documents, name: str) -> Document:
    (stats,) = database[name].aggregate([{"$collStats": {"storageStats": {"scale": 1}}}])
    stored = stats["storageStats"]
    return {"count": stored["count"], "mb": round(stored["size"] / _MB, 3),
            "index_mb": round(stored["totalIndexSize"] / _MB, 3)}  # fmt: skip


def _own(name: str, pid: int) -> tuple[list[int], list[int]]:
    """The processes that a part is, and what they have started."""
    if name == LAUNCHER:
        return [pid], []
    if not name.startswith(_OF_PYTHON):
        return [pid, *_below(pid)], []
    first = children(pid)
    return [pid, *first], [each for child in first for each in _below(child)]


def _below(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from _below(child)


def _pss_mb(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", _read(pid, "smaps_rollup"), re.MULTILINE)
    return int(found[1]) * 1024 / _MB if found else 0.0


def _threads(pid: int) -> int:
    found = re.search(r"^Threads:\s+(\d+)", _read(pid, "status"), re.MULTILINE)
    return int(found[1]) if found else 0


def _descriptors(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:  # it has ended
        return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512
    except OSError:  # git has removed it
        return 0
