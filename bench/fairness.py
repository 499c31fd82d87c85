"""Fairness: how long an owner's jobs wait while another owner floods the same queue.

`make bench-fairness` prints a table and writes bench/results/fairness.json. Owner B posts a job
now and then: first alone, then from the moment at which owner A begins to post `FLOOD` jobs until
the last of them has ended. A wait is what the records say: from accepted to started, by MongoDB's
clock, in whole milliseconds.
"""

import http.client
import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from bench import figures
from bench.figures import Finding
from bench.load import Target, drive
from bench.servers import BenchServers, private_servers
from keepsake.jobs import Listing, Records
from keepsake.launcher import LOOPBACK
from keepsake.parts import job_types
from keepsake.storage import Documents, connect

PATH = "/v2/memory/ingest"
FLOOD = int(os.environ.get("FLOOD", "10000"))
CLIENTS = 64
THREADS = 8
WORK_MS = 5
ALONE_SECONDS = 15.0
PAUSE_SECONDS = 0.05
TIMEOUT_SECONDS = 120.0
AIM = 4


def bodies(owner: str) -> Iterator[bytes]:
    """Turns of many users of an owner, so that no lane holds them up."""
    for number in itertools.count():
        turn = {"user_query": f"{owner} {number}", "user_id": f"user-{number}"}
        yield json.dumps(turn).encode()


def flood(target: Target) -> float:
    """Post `FLOOD` jobs; how many were accepted in a second."""
    sent, taken, began = bodies("a"), 0, time.perf_counter()
    while taken < FLOOD:
        taken += len(drive(target, sent, CLIENTS, 1.0).latencies_ms)
    return taken / (time.perf_counter() - began)


def post_until(over: Callable[[], bool], target: Target, sent: Iterator[bytes]) -> list[str]:
    """Post a job now and then; the ids."""
    pause, posted = threading.Event(), list[str]()
    headers = {"Authorization": f"Bearer {target.key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(LOOPBACK, target.port, timeout=30)
    while not over():
        connection.request("POST", target.path, next(sent), headers)
        answer = connection.getresponse()
        posted.append(json.loads(answer.read())["job_id"])
        pause.wait(PAUSE_SECONDS)
    connection.close()
    return posted


def waits_ms(database: Documents, ids: list[str]) -> list[float]:
    """From accepted to started.

    Raises:
        TimeoutError: Some did not end.
    """
    pause, deadline = threading.Event(), time.monotonic() + TIMEOUT_SECONDS
    which = {"_id": {"$in": ids}, "state": "succeeded"}
    while database["jobs"].count_documents(which) < len(ids):
        if time.monotonic() > deadline:
            raise TimeoutError("some of the jobs have not ended")
        pause.wait(0.1)
    jobs = database["jobs"].find({"_id": {"$in": ids}}, {"created_at": 1, "started_at": 1})
    return [1000 * (job["started_at"] - job["created_at"]).total_seconds() for job in jobs]


def measure(servers: BenchServers) -> tuple[dict[str, list[float]], dict[str, float]]:
    """B alone, then beside A; the waits of B, and what A got."""
    port = servers.keepsake()
    a, b = (Target(owner, port, PATH, servers.key(owner)) for owner in "ab")
    servers.dramatiq("bench.noop", THREADS, BENCH_WORK_MS=str(WORK_MS))
    database, sent = connect(), bodies("b")
    listing = Listing(Records(database, job_types()))
    post_until(_after(2), b, sent)  # warms up
    alone = waits_ms(database, post_until(_after(ALONE_SECONDS), b, sent))
    with ThreadPoolExecutor(1) as pool:
        began = time.perf_counter()
        flooding = pool.submit(flood, a)
        late = _after(TIMEOUT_SECONDS)
        beside = post_until(
            lambda: late() or (flooding.done() and not listing.count_unfinished("a", 1)), b, sent
        )
        ended = database["jobs"].count_documents({"owner": "a", "state": "succeeded"})
        flooder = {"accepted_per_second": flooding.result(),
                   "done_per_second": ended / (time.perf_counter() - began)}  # fmt: skip
    waits = {"alone": alone, "beside a flood": waits_ms(database, beside)}
    database.client.close()
    return waits, flooder


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def main() -> None:
    """Measure and print."""
    with private_servers() as servers:
        waits, flooder = measure(servers)
        rows = {
            name: {"p50_ms": figures.percentile(values, 0.5),
                   "p99_ms": figures.percentile(values, 0.99), "jobs": len(values)}
            for name, values in waits.items()
        }  # fmt: skip
        print(figures.table(
            ["owner B", "jobs", "p50 ms", "p99 ms"],
            [[name, str(row["jobs"]), f"{row['p50_ms']:.0f}", f"{row['p99_ms']:.0f}"]
             for name, row in rows.items()],
        ))  # fmt: skip
        print(f"owner A: {flooder['accepted_per_second']:,.0f} accepted/s, "
              f"{flooder['done_per_second']:,.0f} done/s")  # fmt: skip
        alone, beside = (row["p99_ms"] for row in rows.values())
        ratio = beside / max(alone, 1)
        finding = Finding(f"Wait beside a flood of {FLOOD:,}, p99", f"{beside:.0f} ms",
                          f"{alone:.0f} ms alone", ratio, f"≤ {AIM}", ratio <= AIM)  # fmt: skip
        settings = {"flood": FLOOD, "flood_clients": CLIENTS, "threads": THREADS,
                    "work_ms": WORK_MS}  # fmt: skip
        figures.keep("fairness", {**rows, "owner A": flooder}, [finding], settings)


if __name__ == "__main__":
    main()
