"""Accepting a job over HTTP, beside four other ways to take the same request.

`make bench-accept` prints a table and writes bench/results/accept.json: latency and answers per
second with 1, 8 and 64 requests in flight. No worker runs; queues are emptied between rounds.
`BENCH_AGAINST=COMMIT` measures a former commit beside them, on servers of its own.
"""

import itertools
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pika

from bench import checkout, figures
from bench.checkout import Checkout
from bench.figures import Finding
from bench.load import LoadResult, Target, drive
from bench.peers.request import PATH, amqp_url
from bench.servers import BenchServers, private_servers
from keepsake.memory import MEMORY_QUEUE
from keepsake.storage import connect

CLIENTS = (1, 8, 64)
ROUNDS = 3
SECONDS = 2.0
WARM_UP_SECONDS = 1.0
OURS, OUR_PATH = "keepsake", "/v2/memory/ingest"
OWN_QUEUES = [name for name in (MEMORY_QUEUE.name, MEMORY_QUEUE.overflow_name) if name]
PEER_QUEUES = ("peer.dramatiq", "peer.celery", "peer.taskiq")
AIMS = {"bare framework": (0.55, "≥ 0.55"), "taskiq": (1.3, "≥ 1.3")}
"""Of 64 clients; beside the others more than 1 is wanted."""
ALONE_AIM = 1.8
PEERS = {
    "bare framework": "bench.peers.request:app",
    "plain dramatiq": "bench.peers.senders:dramatiq_app",
    "celery": "bench.peers.senders:celery_app",
    "taskiq": "bench.peers.senders:taskiq_app",
    "mongo polling": "bench.peers.mongo_polling:app",
}
Measured = dict[tuple[str, int], list[LoadResult]]


def bodies(prefix: str) -> Iterator[bytes]:
    """Requests that are all different: the same one twice is one job."""
    for number in itertools.count():
        turn = {
            "user_query": f"Turn {prefix}-{number}: I moved to Lisbon and I am allergic to nuts.",
            "agent_response": "Noted. I will keep that in mind when you ask for a restaurant.",
            "user_id": f"user-{number % 1000}",
        }
        yield json.dumps(turn).encode()


def targets(servers: BenchServers) -> list[Target]:
    """All sides, up."""
    ours = Target(OURS, servers.keepsake(), OUR_PATH, servers.key())
    return [ours, *(Target(name, servers.web(app), PATH) for name, app in PEERS.items())]


def measure(sides: list[Target], formers: list[Checkout]) -> Measured:
    """Round by round, and within a round side by side."""
    sides = [*sides, *(_target(former) for former in formers)]
    for side in sides:
        drive(side, bodies(f"{side.name} warm"), max(CLIENTS), WARM_UP_SECONDS)
    measured: Measured = {}
    for round_, clients, side in itertools.product(range(ROUNDS), CLIENTS, sides):
        if side is sides[0]:
            empty()
            for former in formers:
                former.empty()
        run = drive(side, bodies(f"{round_} {clients}"), clients, SECONDS)
        measured.setdefault((side.name, clients), []).append(run)
    return measured


def _target(former: Checkout) -> Target:
    port, key = former.web()
    return Target(former.name, port, OUR_PATH, key)


def empty(queues: Sequence[str] = (*OWN_QUEUES, *PEER_QUEUES)) -> None:
    """Take away what earlier rounds left."""
    with pika.BlockingConnection(pika.URLParameters(amqp_url())) as connection:
        channel = connection.channel()
        for queue in queues:
            channel.queue_purge(queue)
    database = connect()
    for name in ("jobs", "peer_jobs"):
        database[name].delete_many({})
    database.client.close()


def acknowledged_write_ms(count: int = 500) -> float:
    """The median of one durable insert by one thread."""
    database, took = connect(), []
    for number in range(count):
        began = time.perf_counter()
        database["bench_writes"].insert_one({"_id": number, "payload": "x" * 200})
        took.append(1000 * (time.perf_counter() - began))
    database["bench_writes"].delete_many({})
    database.client.close()
    return statistics.median(took)


def summary(measured: Measured) -> dict[str, dict[str, dict[str, float]]]:
    """Per side and number of clients: medians over the rounds, percentiles over all requests."""
    rows: dict[str, dict[str, dict[str, float]]] = {}
    for (name, clients), runs in measured.items():
        latencies = [latency for run in runs for latency in run.latencies_ms]
        rows.setdefault(name, {})[str(clients)] = {
            "per_second": statistics.median(run.per_second for run in runs),
            "p50_ms": figures.percentile(latencies, 0.5),
            "p99_ms": figures.percentile(latencies, 0.99),
            "client_cores": statistics.median(run.client_share for run in runs),
        }
    return rows


def findings(rows: dict[str, Any], write_ms: float) -> list[Finding]:
    """What is compared with the aims."""
    ours, bare = rows[OURS], rows["bare framework"]
    alone = bare["1"]["p50_ms"] + write_ms
    latency, ratio = ours["1"]["p50_ms"], ours["1"]["p50_ms"] / alone
    compared = [
        Finding("Accept, 1 client, p50", f"{latency:.2f} ms",
                f"bare framework + one durable write {alone:.2f} ms", ratio, f"≤ {ALONE_AIM}",
                ratio <= ALONE_AIM)
    ]  # fmt: skip
    rate = ours["64"]["per_second"]
    for name in (*PEERS, *([checkout.AGAINST] if checkout.AGAINST else ())):
        ratio = rate / rows[name]["64"]["per_second"]
        least, aim = AIMS.get(name, (1, "> 1"))
        compared.append(
            Finding("Accept, 64 clients", f"{rate:,.0f} jobs/s",
                    f"{name} {rows[name]['64']['per_second']:,.0f}/s", ratio,
                    aim, ratio >= least)
        )  # fmt: skip
    return compared


def main() -> None:
    """Measure all sides and print them."""
    with private_servers() as servers, checkout.former() as formers:
        sides = targets(servers)
        before = acknowledged_write_ms()
        rows = summary(measure(sides, formers))
        write_ms = statistics.mean([before, acknowledged_write_ms()])
        lines = [
            [f"{clients} clients" if name == OURS else "", name, f"{row['p50_ms']:.2f}",
             f"{row['p99_ms']:.2f}", f"{row['per_second']:,.0f}",
             f"{row['per_second'] / rows[OURS][str(clients)]['per_second']:.2f}",
             f"{row['client_cores']:.2f}"]
            for clients in CLIENTS
            for name in rows
            for row in (rows[name][str(clients)],)
        ]  # fmt: skip
        print(figures.table(
            ["", "", "p50 ms", "p99 ms", "per s", "/ keepsake", "client cores"], lines
        ))  # fmt: skip
        print(f"one durable write: {write_ms:.2f} ms")
        figures.keep(
            "accept",
            {**rows, "durable_write_ms": write_ms},
            findings(rows, write_ms),
            {"rounds": ROUNDS, "seconds": SECONDS, "web_processes": 1},
        )


if __name__ == "__main__":
    main()
