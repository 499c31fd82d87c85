"""What Keepsake takes when nobody asks: memory, imports, and the time until it is ready.

`make bench-footprint` prints a table and writes bench/results/footprint.json. Memory is a
process's own (its unique set), imports are the median of several fresh interpreters less an empty
one, readiness is what `make run` itself reports, on an empty directory and then on a full one,
where it is the median of several starts.
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import figures
from bench.figures import Finding
from bench.servers import ROOT, family, private_servers
from keepsake.launcher import Process, free_port, until

ROUNDS, STARTS = 5, 3
READY_AIM_SECONDS = 5
PARTS = {"web": "web.app", "worker": "actors"}
_READY = re.compile(r"ready in ([\d.]+) s")


def import_seconds(module: str) -> float:
    """How long a fresh interpreter takes to import a module and end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], cwd=ROOT, check=True)
    return time.perf_counter() - began


def own_megabytes(pid: int) -> float:
    """The memory of a process and its children that they share with no other program."""
    rolls = [Path(f"/proc/{member}/smaps_rollup").read_text() for member in family(pid)]
    kilobytes = re.findall(r"^Private_\w+:\s+(\d+) kB", "\n".join(rolls), re.MULTILINE)
    return sum(map(int, kilobytes)) / 1000


def ready_seconds(directory: Path) -> float:
    """How long `keepsake run` says that it took."""
    ports = {f"KEEPSAKE_{name}_PORT": str(free_port())
             for name in ("HTTP", "AMQP", "MANAGEMENT", "MONGO")}  # fmt: skip
    ours = {name: value for name, value in os.environ.items()
            if not name.startswith("KEEPSAKE_")}  # fmt: skip
    process = Process(
        "stack", [sys.executable, "-m", "keepsake_client", "run"], directory=ROOT,
        log=directory / "bench.log",
        environment={**ours, **ports, "KEEPSAKE_DATA_DIR": str(directory),
                     "KEEPSAKE_SAMPLE": "false", "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    process.start()
    try:
        until(lambda: bool(_READY.search(process.tail(50))), process, within_seconds=120)
        line = _READY.search(process.tail(50))
        assert line is not None
        return float(line[1])
    finally:
        process.signal(signal.SIGINT)
        process.stop(grace_seconds=60)


def main() -> None:
    """Measure and print."""
    imports: dict[str, list[float]] = {name: [] for name in ("empty", *PARTS)}
    for _ in range(ROUNDS):
        imports["empty"].append(import_seconds("sys"))
        for name, module in PARTS.items():
            imports[name].append(import_seconds(module))
    empty = statistics.median(imports["empty"])
    rows: dict[str, Any] = {
        name: {"import_ms": 1000 * (statistics.median(imports[name]) - empty)} for name in PARTS
    }
    with tempfile.TemporaryDirectory() as name:
        first, *later = [ready_seconds(Path(name)) for _ in range(1 + STARTS)]
    ready = {"first start": first, "next start": statistics.median(later)}
    with private_servers() as servers:
        servers.key()
        servers.keepsake()
        rows["web"]["memory_mb"] = own_megabytes(servers.last.pid)
        cold = servers.dramatiq("actors", threads=4, KEEPSAKE_WORKER_WARM_UP="never")
        rows["worker"]["memory_mb"] = own_megabytes(cold.pid)
        warm = own_megabytes(servers.dramatiq("actors", threads=4).pid)
        print(figures.table(["", "memory MB", "import ms"],
                            [[name, f"{rows[name]['memory_mb']:.0f}",
                              f"{rows[name]['import_ms']:.0f}"] for name in PARTS]))  # fmt: skip
        print(f"warm worker: {warm:.0f} MB")
        findings = [
            *(Finding(f"Idle {name}: memory, import",
                      f"{row['memory_mb']:.0f} MB, {row['import_ms']:.0f} ms")
              for name, row in rows.items()),
            Finding("Warm worker: memory", f"{warm:.0f} MB"),
            Finding("`make run` until ready, first start", f"{first:.1f} s"),
            Finding("`make run` until ready, next start", f"{ready['next start']:.1f} s",
                    aim=f"≤ {READY_AIM_SECONDS} s", met=ready["next start"] <= READY_AIM_SECONDS),
        ]  # fmt: skip
        figures.keep("footprint", {**rows, "ready_seconds": ready}, findings, {"rounds": ROUNDS})


if __name__ == "__main__":
    main()
