"""What a job costs each part, and what breaks first at 1,000, 10,000 and 100,000 jobs a second.

`make bench-scaling` measures records, indexes, the oplog, the change feed, relay, sweeper and the
CPU of every process. Then it prints what these figures come to (docs/scaling.md). It measures no
wall time but that of relay and sweeper.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench import figures
from bench.servers import BenchServers, children, cpu_seconds, private_servers
from keepsake.jobs import Engine, Feed, Interests, NewJob, Relay, Sweeper
from keepsake.memory import INGEST
from keepsake.parts import job_types
from keepsake.storage import Document, MongoSettings, connect, new_id
from middleware.stack import Stack, publishing_stack

JOBS = int(os.environ.get("SCALING_JOBS", "4000"))
COPIES = int(os.environ.get("SCALING_COPIES", "50000"))
"""Records that indexes are weighed with; of few records half the pages are empty."""
KEPT = ("_id_", "by_owner", "key_slot", "retention")
"""The indexes that hold ended jobs."""
TOGETHER = 100
THREADS = 32
LOST = 200
RATES = (1_000, 10_000, 100_000)
_RETENTION_SECONDS = 7 * 86_400
_MILLI, _GB = 1_000, 1e9
Row = dict[str, float]


class Costs:
    """CPU seconds of the servers and of this process, since the last look."""

    def __init__(self, servers: BenchServers) -> None:
        rabbitmq = servers.rabbitmq.process.pid
        self._pids = {
            "mongod": [servers.mongod.process.pid],
            "rabbitmq": [rabbitmq, *children(rabbitmq)],
            "this": [os.getpid()],
        }
        self._before = self._read()

    def watch(self, name: str, process: int) -> None:
        """Count another process too, with its children."""
        self._pids[name] = [process, *children(process)]
        self._before = self._read()

    def per(self, count: int) -> Row:
        """Milliseconds for each of `count`; the next look begins here."""
        now, before = self._read(), self._before
        self._before = now
        return {name: _MILLI * (now[name] - before[name]) / count for name in now}

    def _read(self) -> Row:
        return {name: cpu_seconds(pids) for name, pids in self._pids.items()}


def asked(first: int, count: int) -> list[NewJob]:
    """Requests of a hundred owners, each job in a lane of its own."""
    return [
        NewJob(
            type=INGEST.name,
            owner=f"owner-{number % 100}",
            payload={"user_query": f"I live in town {number}.", "user_id": f"user-{number}"},
            lane=f"{number:032x}",
        )
        for number in range(first, first + count)
    ]


def filled(engine: Engine, first: int, count: int = JOBS) -> list[Any]:
    """Accept that many jobs."""
    return [
        outcome.job  # type: ignore[union-attr]
        for start in range(first, first + count, TOGETHER)
        for outcome in engine.acceptance.accept_all(asked(start, TOGETHER))
    ]


def drain(engine: Engine, stack: Stack, jobs: list[Any]) -> None:
    """Notify for all and wait until they have ended."""
    pause = threading.Event()
    for job in jobs:
        stack.notifier.notify_soon(job, notify_next=False)
    unfinished = {"open_lane": {"$exists": True}}
    while engine.records.jobs.find_one(unfinished, {"_id": 1}, hint="lane_head"):
        pause.wait(0.05)


def oplog(engine: Engine, since: Any) -> Row:
    """Entries and bytes that were logged since a time."""
    stages: list[Document] = [
        {"$match": {"ts": {"$gt": since}, "op": {"$ne": "n"}}},
        {
            "$group": {
                "_id": None,
                "entries": {"$sum": 1},
                "bytes": {"$sum": {"$bsonSize": "$$ROOT"}},
            }
        },
    ]
    rows = list(engine.records.database.client["local"]["oplog.rs"].aggregate(stages))
    return {"entries": rows[0]["entries"], "bytes": rows[0]["bytes"]}


def now(engine: Engine) -> Any:
    """The time of the log."""
    answer = engine.records.database.client.admin.command("hello")
    return answer["lastWrite"]["opTime"]["ts"]


@contextmanager
def followed(engine: Engine) -> Iterator[None]:
    """A change feed that somebody follows, as in a web process; it decodes all that changes."""
    feed = Feed(
        engine.records, lambda: Interests(frozenset({"nobody"}), frozenset()), lambda _: None
    )
    if not feed.open(10):
        raise TimeoutError("the change feed did not open")
    try:
        yield
    finally:
        feed.close()


def per_job(servers: BenchServers, engine: Engine, stack: Stack) -> dict[str, Row]:
    """CPU of a job, from its acceptance to its end, without and with a feed that is followed."""
    worker = servers.dramatiq("bench.noop", THREADS)
    costs = Costs(servers)
    costs.watch("worker", worker.pid)
    drain(engine, stack, filled(engine, 10**9, 1_000))
    costs.per(1)
    since = now(engine)
    jobs = filled(engine, 0)
    accepted = costs.per(JOBS)
    drain(engine, stack, jobs)
    rows = {"accept": accepted, "run": costs.per(JOBS), "oplog": oplog(engine, since)}
    rows["oplog"] = {name: value / JOBS for name, value in rows["oplog"].items()}
    jobs = filled(engine, JOBS)
    costs.per(1)
    with followed(engine):
        drain(engine, stack, jobs)
        rows["run, followed"] = costs.per(JOBS)
    worker.stop(grace_seconds=10)
    return rows


def weights(engine: Engine, costs: Callable[[int], Row]) -> tuple[Row, Row]:
    """Bytes of a record that has ended, and of its entries; and what removing it costs."""
    jobs = engine.records.jobs
    ended: Document = jobs.find_one({"state": "succeeded"})  # type: ignore[assignment]
    jobs.delete_many({})
    fast = jobs.with_options(write_concern=None)
    for start in range(0, COPIES, 5_000):
        fast.insert_many([_copy(ended, number) for number in range(start, start + 5_000)])
    engine.records.database.client.admin.command("fsync")
    stats = engine.records.database.command("collStats", "jobs")
    record = {"record": stats["avgObjSize"], "stored": stats["storageSize"] / COPIES}
    sizes = {name: stats["indexSizes"][name] / COPIES for name in KEPT}
    costs(1)
    for number in range(10):
        jobs.delete_many({"owner": f"owner-{number}"})
    return {**record, **sizes}, costs(COPIES // 10)


def _copy(ended: Document, number: int) -> Document:
    owner = f"owner-{number % 100}"
    slot = os.urandom(16).hex()
    return {**ended, "_id": new_id("job", owner), "owner": owner, "key_slot": slot}


def housekeeping(stack: Stack) -> Row:
    """Jobs a second that one relay notifies for, and one sweeper takes back."""
    engine = Engine.over(connect(MongoSettings(mongo_database="housekeeping")), job_types())
    jobs = filled(engine, 0, 2_000)
    engine.records.jobs.update_many({}, [{"$set": {"notify_at": "$$NOW"}}])
    relay = Relay(engine.records, stack.notifier.notify_soon, lambda _: 0)
    relayed = _rate(relay.run_once)
    for job in jobs[:LOST]:
        engine.claims.claim(job.lane, "gone")
    engine.records.jobs.update_many(
        {"running_lane": {"$exists": True}}, [{"$set": {"lease_expires_at": "$$NOW"}}]
    )
    sweeper = Sweeper(engine.records, engine.dead_letters)
    return {"relayed": relayed, "taken back": _rate(lambda: len(sweeper.run_once()))}


def _rate(round_: Callable[[], int]) -> float:
    began, done = time.perf_counter(), 0
    while some := round_():
        done += some
    return done / (time.perf_counter() - began)


def walls(rows: dict[str, Row]) -> list[list[str]]:
    """What each rate comes to: cores, and gigabytes."""
    accept, run, log = rows["accept"], rows["run"], rows["oplog"]
    feed = rows["run, followed"]["this"] - run["this"]
    indexes = sum(rows["bytes"][name] for name in KEPT)
    kept = rows["bytes"]["stored"] + indexes
    cores: dict[str, float] = {
        "mongod, cores": accept["mongod"] + run["mongod"] + rows["removal"]["mongod"],
        "RabbitMQ, cores": run["rabbitmq"],
        "workers, cores": run["worker"],
        "change feed, cores of each web process": max(feed, 0.0),
    }
    lines = [
        [name, *(f"{rate * ms / _MILLI:,.1f}" for rate in RATES)] for name, ms in cores.items()
    ]
    volumes = {
        "oplog, GB an hour": log["bytes"] * 3_600 / _GB,
        "records after 7 days, millions": _RETENTION_SECONDS / 1e6,
        "their disk, GB": _RETENTION_SECONDS * kept / _GB,
        "their indexes, GB": _RETENTION_SECONDS * indexes / _GB,
    }
    return lines + [[name, *(f"{rate * each:,.0f}" for rate in RATES)]
                    for name, each in volumes.items()]  # fmt: skip


def main() -> None:
    """Measure, and print what it comes to."""
    with private_servers() as servers:
        engine = Engine.over(connect(), job_types())
        engine.records.prepare()
        stack = publishing_stack(engine)
        rows = per_job(servers, engine, stack)
        rows["bytes"], rows["removal"] = weights(engine, Costs(servers).per)
        rows["housekeeping"] = housekeeping(stack)
        stack.broker.close()
        for name, row in rows.items():
            print(f"{name}: " + ", ".join(f"{key} {value:,.3f}" for key, value in row.items()))
        print(figures.table(["jobs a second", *(f"{rate:,}" for rate in RATES)], walls(rows)))
        figures.keep("scaling", rows, [], {"jobs": JOBS, "copies": COPIES, "threads": THREADS})


if __name__ == "__main__":
    main()
