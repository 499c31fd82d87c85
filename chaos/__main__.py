"""`make chaos`: run it, print and keep what came of it; the exit code is the verdict."""

import os
import secrets
import shutil
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random

from bench import figures
from bench.figures import Finding
from chaos.cluster import clustered
from chaos.processes import Processes
from chaos.run import Scenario, Verdict, run
from chaos.servers import FaultyServers, single
from keepsake.storage import connect


def main() -> int:
    """Take CHAOS_SECONDS, CHAOS_SEED, CHAOS_FAULTS and CHAOS_CLUSTER from the environment."""
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(2**31))
    faults = [name.strip() for name in os.environ.get("CHAOS_FAULTS", "").split(",") if name]
    scenario = Scenario(
        seconds=float(os.environ.get("CHAOS_SECONDS") or 600), seed=seed, faults=faults
    )
    name = "chaos_cluster" if os.environ.get("CHAOS_CLUSTER") else "chaos"
    print(f"{name}: {scenario.seconds:g} s, seed {seed}", flush=True)
    with (
        tempfile.TemporaryDirectory() as directory,
        _servers(name, Path(directory), seed) as servers,
    ):
        os.environ.update(servers.environment)
        verdict = _run(servers, Path(directory), scenario, name)
        if not verdict.sound:
            print(f"logs: {_kept(Path(directory) / 'log', seed)}")
    print("\n".join(verdict.lines()))
    return 0 if verdict.sound else 1


def _kept(logs: Path, seed: int) -> Path:
    """The logs of a run that broke a promise, set aside before its directory goes."""
    kept = Path(".keepsake") / f"chaos-{seed}"
    shutil.copytree(logs, kept, dirs_exist_ok=True)
    return kept


def _servers(name: str, directory: Path, seed: int) -> AbstractContextManager[FaultyServers]:
    if name == "chaos_cluster":
        return clustered(directory, Random(seed))
    return single(directory)


def _run(servers: FaultyServers, directory: Path, scenario: Scenario, name: str) -> Verdict:
    database = connect()
    processes = Processes(servers, directory / "log", {})
    try:
        processes.start()
        verdict = run(processes, database, scenario)
        if not scenario.faults:
            settings = {"seconds": scenario.seconds, "seed": scenario.seed}
            figures.keep(name, verdict.figures(), [_finding(name, verdict)], settings)
    finally:
        processes.stop()
        database.client.close()
    return verdict


def _finding(name: str, verdict: Verdict) -> Finding:
    count = verdict.count
    where = "RabbitMQ cluster and replica set" if name == "chaos_cluster" else "single servers"
    counts = (
        f"{count.accepted} accepted, {len(count.lost)} lost, {len(count.duplicated)} duplicated"
    )
    return Finding(f"Chaos, {where}", counts, aim="none lost or duplicated", met=verdict.sound)


if __name__ == "__main__":
    sys.exit(main())
