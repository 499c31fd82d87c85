"""From the request to the job's end: jobs per second, and what a job costs all processes.

`make bench-end_to_end` prints a table and writes bench/results/end_to_end.json. 64 clients post
turns for some seconds while workers run them as no-ops, and the clock stops when the last has
succeeded. CPU is what the system counts for web, workers, mongod and RabbitMQ with all that they
start. Sizes of web and workers take turns: CPU per job that stays flat is what scales, whatever the
number of cores.
"""

import itertools
import os
import statistics
import threading
import time
from contextlib import ExitStack
from typing import Any

from bench import checkout, figures
from bench.accept import bodies
from bench.checkout import Checkout
from bench.figures import Finding
from bench.load import Target, drive
from bench.servers import cpu_seconds, family, private_servers

SIZES = ((1, 1), (1, 2), (2, 4))
"""Processes of web and of workers."""
ROUNDS = 3
SECONDS = 4.0
WARM_UP_SECONDS = 1.0
CLIENTS = 64
THREADS = int(os.environ.get("WORKER_THREADS", "8"))
TIMEOUT_SECONDS = 120.0
Costs = dict[str, float]
"""Jobs per second and per core-second, and the CPU milliseconds of a job by part."""


def measure(side: Checkout, size: tuple[int, int], round_: int) -> Costs:
    """Start web and workers, warm up, then post and wait until all have succeeded."""
    web, workers = size
    port, key = side.web(web)
    for _ in range(workers):
        side.work(THREADS)
    target = Target(side.name, port, "/v2/memory/ingest", key)
    _run(side, target, f"warm {size} {round_}", WARM_UP_SECONDS)
    leading = side.processes()
    before = _cpu(leading)
    jobs, seconds = _run(side, target, f"{size} {round_}", SECONDS)
    used = {part: after - before[part] for part, after in _cpu(leading).items()}
    side.stop()
    total = sum(used.values())
    return {
        "per_second": jobs / seconds,
        "per_core_second": jobs / total,
        "cpu_ms": 1000 * total / jobs,
        **{f"{part}_cpu_ms": 1000 * spent / jobs for part, spent in used.items()},
    }


def _run(side: Checkout, target: Target, name: str, seconds: float) -> tuple[int, float]:
    """Post for some seconds; how many jobs succeeded, and when the last had."""
    side.empty()
    pause, began = threading.Event(), time.perf_counter()
    posted = len(drive(target, bodies(name), CLIENTS, seconds).latencies_ms)
    while side.succeeded() < posted:
        if time.perf_counter() - began > TIMEOUT_SECONDS:
            raise TimeoutError("some of the jobs have not ended")
        pause.wait(0.05)
    return posted, time.perf_counter() - began


def _cpu(leading: dict[str, list[int]]) -> Costs:
    return {
        part: cpu_seconds(itertools.chain.from_iterable(map(family, pids)))
        for part, pids in leading.items()
    }


def findings(rows: dict[str, Costs]) -> list[Finding]:
    """What is compared with the aims, and what scales."""
    first = rows[_named("present", SIZES[0])]
    whole, mongod = first["cpu_ms"], first["mongod_cpu_ms"]
    shares = ", ".join(f"{part} {first[f'{part}_cpu_ms']:.2f}"
                       for part in ("web", "worker", "mongod", "rabbitmq"))  # fmt: skip
    compared = [
        Finding("HTTP to succeeded, CPU of all processes per job", f"{whole:.2f} ms ({shares})",
                aim="≤ 1.2 ms", met=whole <= 1.2),
        Finding("mongod CPU per job, accept to end, under load", f"{mongod:.2f} ms",
                aim="≤ 0.35 ms", met=mongod <= 0.35),
    ]  # fmt: skip
    for size in SIZES[1:]:
        row = rows[_named("present", size)]
        compared.append(
            Finding(f"CPU per job, {size[0]} web and {size[1]} worker processes",
                    f"{row['cpu_ms']:.2f} ms", f"1 and 1 {whole:.2f} ms", row["cpu_ms"] / whole)
        )  # fmt: skip
    if checkout.AGAINST:
        row = rows[_named(checkout.AGAINST, SIZES[0])]
        compared.append(
            Finding("HTTP to succeeded, CPU of all processes per job", f"{whole:.2f} ms",
                    f"{checkout.AGAINST} {row['cpu_ms']:.2f} ms", whole / row["cpu_ms"])
        )  # fmt: skip
    return compared


def _named(side: str, size: tuple[int, int]) -> str:
    return f"{side}, {size[0]} web, {size[1]} workers"


def main() -> None:
    """Measure all sizes of each side in turn."""
    measured: dict[str, list[Costs]] = {}
    with ExitStack() as stack:
        sides = [stack.enter_context(checkout.present()), *stack.enter_context(checkout.former())]
        for round_, size, side in itertools.product(range(ROUNDS), SIZES, sides):
            measured.setdefault(_named(side.name, size), []).append(measure(side, size, round_))
    rows = {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            for name, runs in measured.items()}  # fmt: skip
    print(figures.table(
        ["CPU ms per job", "all", "web", "worker", "mongod", "rabbitmq", "jobs/s",
         "jobs/s per core"],
        [[name, f"{row['cpu_ms']:.2f}", f"{row['web_cpu_ms']:.2f}",
          f"{row['worker_cpu_ms']:.2f}", f"{row['mongod_cpu_ms']:.2f}",
          f"{row['rabbitmq_cpu_ms']:.2f}", f"{row['per_second']:,.0f}",
          f"{row['per_core_second']:,.0f}"] for name, row in rows.items()],
    ))  # fmt: skip
    settings: dict[str, Any] = {"rounds": ROUNDS, "seconds": SECONDS, "clients": CLIENTS,
                                "threads": THREADS}  # fmt: skip
    with private_servers():  # they say their versions
        figures.keep("end_to_end", rows, findings(rows), settings)


if __name__ == "__main__":
    main()
