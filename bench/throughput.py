"""Jobs per second of a no-op through the whole middleware, beside four other ways to run one.

`make bench-throughput` prints a table and writes bench/results/throughput.json. A queue is filled,
then one worker process starts and empties it. What MongoDB is asked per job is counted by its own
counters of commands; a command may carry many jobs. Then what order costs: jobs of one lane
against a lane for each, by one thread, so that both run one job at a time. `BENCH_AGAINST=COMMIT`
measures a former commit beside them, on servers of its own.
"""

import itertools
import statistics
import threading
import time
from collections import Counter
from typing import Any

from bench import checkout, figures
from bench.figures import Finding
from bench.servers import BenchServers, private_servers
from bench.workers import CELERY, DRAMATIQ, OURS, TASKIQ, Side, of_former, sides, watch
from keepsake.jobs import Engine, NewJob
from keepsake.memory import INGEST
from keepsake.parts import job_types
from keepsake.storage import connect
from middleware.notifier import Notifier
from middleware.stack import publishing_stack

JOBS = 2_000
ROUNDS = 2
THREADS = (8, 32, 128)
AIMS = {DRAMATIQ: 0.6, CELERY: 1.3, TASKIQ: 1.0}
"""At least this many times their throughput; beside the others 1."""
LANES = {"a lane each": False, "one lane": True}
LANE_JOBS, LANE_ROUNDS = 1_000, 3
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
    side.forget()
    return {
        "per_second": drained.per_second,
        **{f"{name}_per_job": asked[name] / JOBS for name in COMMANDS if asked[name]},
    }


def lanes(servers: BenchServers) -> dict[str, dict[str, float]]:
    """Of a lane for each job and of one for all: ms per job, and notifications of the relay."""
    worker = servers.dramatiq("bench.noop", threads=1)
    engine = Engine.over(connect(), job_types())
    stack = publishing_stack(engine)
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in LANES}
    for round_, (name, one_lane) in itertools.product(range(LANE_ROUNDS), LANES.items()):
        lane = f"lane-{round_}" if one_lane else None
        measured[name].append(_in_lane(engine, stack.notifier, lane))
    stack.broker.close()
    worker.stop(grace_seconds=10)
    return {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for name, runs in measured.items()
    }


def _in_lane(engine: Engine, notifier: Notifier, lane: str | None) -> dict[str, float]:
    """Accept and notify all jobs, then wait until they are done."""
    jobs, pause = engine.records.jobs, threading.Event()
    jobs.delete_many({})
    accepted = [
        engine.acceptance.accept(
            NewJob(type=INGEST.name, owner="bench", payload={"n": f"{lane}-{number}"}, lane=lane,
                   force=True)
        ).job
        for number in range(LANE_JOBS)
    ]  # fmt: skip
    began = time.perf_counter()
    for job in accepted:
        notifier.notify(job, notify_next=False)
    while jobs.count_documents({"state": "succeeded"}) < LANE_JOBS:
        pause.wait(0.01)
    elapsed_ms = 1000 * (time.perf_counter() - began)
    again = sum(job["notifications"] for job in jobs.find({}, {"notifications": 1}))
    return {"ms_per_job": elapsed_ms / LANE_JOBS, "relay_notifications": again}


def findings(rows: dict[str, Any]) -> list[Finding]:
    """What is compared with the aims; each side with the number of threads that suits it best."""
    best = {name: max(row["per_second"] for row in by.values()) for name, by in rows.items()}
    compared = []
    for name in sorted(best.keys() - {OURS}, key=[*AIMS, *best].index):
        ratio, aim = best[OURS] / best[name], AIMS.get(name, 1.0)
        compared.append(
            Finding("Throughput of no-ops", f"{best[OURS]:,.0f} jobs/s",
                    f"{name} {best[name]:,.0f}/s", ratio, f"≥ {aim:g}", ratio >= aim)
        )  # fmt: skip
    return compared


def main() -> None:
    """Measure all sides in turn, round by round."""
    peers: dict[str, dict[str, Any]] = {}
    with private_servers() as servers, checkout.former() as formers:
        measured: dict[tuple[str, int], list[dict[str, float]]] = {}
        every = [*sides(servers), *map(of_former, formers)]
        for round_, threads, side in itertools.product(range(ROUNDS), THREADS, every):
            measured.setdefault((side.name, threads), []).append(run(side, threads, round_))
        for (name, threads), runs in measured.items():
            peers.setdefault(name, {})[str(threads)] = {
                key: statistics.median(run.get(key, 0) for run in runs) for key in runs[0]
            }
        print(figures.table(
            ["", "threads", "jobs/s", "/ keepsake", "commands/job"],
            [
                [name, threads, f"{row['per_second']:,.0f}",
                 f"{row['per_second'] / peers[OURS][threads]['per_second']:.2f}",
                 f"{sum(value for key, value in row.items() if key.endswith('_per_job')):.2f}"]
                for name, by in peers.items() for threads, row in by.items()
            ],
        ))  # fmt: skip
        ordered = lanes(servers)
        print(figures.table(
            ["one thread", "ms/job", "by the relay"],
            [[name, f"{row['ms_per_job']:.2f}", f"{row['relay_notifications']:.0f}"]
             for name, row in ordered.items()],
        ))  # fmt: skip
        settings = {"rounds": ROUNDS, "jobs": JOBS, "worker_processes": 1}
        figures.keep("throughput", {**peers, "lanes": ordered}, findings(peers), settings)


if __name__ == "__main__":
    main()
