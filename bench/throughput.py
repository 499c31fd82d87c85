"""Jobs per second of a no-op through the whole middleware, beside four other ways to run one.

`make bench-throughput` prints a table and writes bench/results/throughput.json. A queue is filled,
then one worker process starts and empties it. What MongoDB is asked per job is counted by its own
counters of commands; a command may carry many jobs.
"""

import itertools
import statistics
from collections import Counter
from typing import Any

from bench import figures
from bench.figures import Finding
from bench.servers import private_servers
from bench.workers import CELERY, DRAMATIQ, OURS, Side, sides, watch
from keepsake.storage import connect

JOBS = 2_000
ROUNDS = 2
THREADS = (8, 32, 128)
COMMANDS = ("find", "update", "findAndModify", "insert", "delete", "aggregate")


def commands() -> Counter[str]:
    """How many commands of each kind MongoDB has answered."""
    database = connect()
    totals = database.client.admin.command("serverStatus")["metrics"]["commands"]
    database.client.close()
    return Counter({name: int(totals[name]["total"]) for name in COMMANDS})


def forget() -> None:
    """Remove the records of a round."""
    database = connect()
    for name in ("jobs", "peer_jobs"):
        database[name].delete_many({})
    database.client.close()


def run(side: Side, threads: int, round_: int) -> dict[str, float]:
    """Fill, start a worker, watch until nothing is left."""
    side.fill([{"n": f"{round_}-{threads}-{number}"} for number in range(JOBS)])
    before = commands()
    worker = side.work(threads)
    drained = watch(side.left, JOBS)
    asked = commands() - before
    worker.stop(grace_seconds=10)
    forget()
    return {
        "per_second": drained.per_second,
        **{f"{name}_per_job": asked[name] / JOBS for name in COMMANDS if asked[name]},
    }


def findings(rows: dict[str, Any]) -> list[Finding]:
    """What is compared with the aims; each side with the number of threads that suits it best."""
    best = {name: max(row["per_second"] for row in by.values()) for name, by in rows.items()}
    compared = []
    for name in (DRAMATIQ, CELERY, *(set(best) - {OURS, DRAMATIQ, CELERY})):
        ratio, aim = best[OURS] / best[name], 0.7 if name == DRAMATIQ else 1.0
        compared.append(
            Finding("Throughput of no-ops", f"{best[OURS]:,.0f} jobs/s",
                    f"{name} {best[name]:,.0f}/s", ratio, f"≥ {aim:g}", ratio >= aim)
        )  # fmt: skip
    return compared


def main() -> None:
    """Measure all sides in turn, round by round."""
    rows: dict[str, dict[str, Any]] = {}
    with private_servers() as servers:
        measured: dict[tuple[str, int], list[dict[str, float]]] = {}
        every = sides(servers)
        for round_, threads, side in itertools.product(range(ROUNDS), THREADS, every):
            measured.setdefault((side.name, threads), []).append(run(side, threads, round_))
        for (name, threads), runs in measured.items():
            rows.setdefault(name, {})[str(threads)] = {
                key: statistics.median(run.get(key, 0) for run in runs) for key in runs[0]
            }
        print(figures.table(
            ["", "threads", "jobs/s", "/ keepsake", "commands/job"],
            [
                [name, threads, f"{row['per_second']:,.0f}",
                 f"{row['per_second'] / rows[OURS][threads]['per_second']:.2f}",
                 f"{sum(value for key, value in row.items() if key.endswith('_per_job')):.2f}"]
                for name, by in rows.items() for threads, row in by.items()
            ],
        ))  # fmt: skip
        settings = {"rounds": ROUNDS, "jobs": JOBS, "worker_processes": 1}
        figures.keep("throughput", rows, findings(rows), settings)


if __name__ == "__main__":
    main()
