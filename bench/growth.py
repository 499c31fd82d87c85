"""Accepting and claiming with 1,000, 100,000 and 1,000,000 records, half of them waiting.

`make bench-growth` prints a table and writes bench/results/growth.json. The three databases are
filled first and then measured in turn. GROWTH_RECORDS bounds the largest.
"""

import itertools
import os
import time
from collections.abc import Iterator
from typing import Any

from bench import figures
from bench.figures import Finding
from bench.servers import private_servers
from keepsake.jobs import Engine, NewJob
from keepsake.memory import INGEST
from keepsake.parts import job_types
from keepsake.storage import Document, MongoSettings, connect, new_id

LARGEST = int(os.environ.get("GROWTH_RECORDS", "1000000"))
SIZES = tuple(sorted({min(size, LARGEST) for size in (1_000, 100_000, 1_000_000)}))
ROUNDS = 4
JOBS = 100
OWNERS = 100
_PORTION = 5_000
_ACTIVE = ("key_slot", "open_lane", "notify_at", "deadline_at")


def filled(size: int) -> Engine:
    """An engine over a database with that many records, made like real ones."""
    engine = Engine.over(connect(MongoSettings(mongo_database=f"growth_{size}")), job_types())
    ended = _ended(engine)
    waiting: Document = engine.records.jobs.find_one(
        {"_id": engine.acceptance.accept(_job("model")).job.id}
    )  # type: ignore[assignment]
    fresh = engine.records.jobs.with_options(write_concern=None)
    for start in range(0, size, _PORTION):
        numbers = range(start, min(start + _PORTION, size))
        fresh.insert_many(list(_copies(numbers, waiting, ended)), ordered=False)
    return engine


def _copies(numbers: range, waiting: Document, ended: Document) -> Iterator[Document]:
    for number in numbers:
        job_id, owner = new_id("job"), f"owner-{number % OWNERS}"
        if number % 2:
            yield {**ended, "_id": job_id, "owner": owner}
        else:
            lane = f"lane-{number}"
            yield {**waiting, "_id": job_id, "owner": owner, "key_slot": job_id, "lane": lane,
                   "open_lane": lane}  # fmt: skip


def _ended(engine: Engine) -> Document:
    """The record of a job that succeeded."""
    job = engine.acceptance.accept(_job("ended")).job
    claim = engine.claims.claim(job.lane, "bench")
    assert claim is not None
    engine.claims.succeed(claim, {"model": "rules-v1"})
    record: Document = engine.records.jobs.find_one({"_id": job.id})  # type: ignore[assignment]
    return {name: value for name, value in record.items() if name not in _ACTIVE}


def _job(text: str) -> NewJob:
    payload = {"user_query": f"I live in Lisbon, {text}.", "user_id": "ana"}
    return NewJob(type=INGEST.name, owner="owner-1", payload=payload, lane=f"new-{text}")


def measure(engine: Engine, round_: int) -> dict[str, list[float]]:
    """Accept some jobs and claim them again."""
    took: dict[str, list[float]] = {"accept": [], "claim": []}
    for number in range(JOBS):
        began = time.perf_counter()
        job = engine.acceptance.accept(_job(f"{round_}-{number}")).job
        accepted = time.perf_counter()
        claim = engine.claims.claim(job.lane, "bench")
        claimed = time.perf_counter()
        assert claim is not None
        engine.claims.succeed(claim, {})
        took["accept"].append(1000 * (accepted - began))
        took["claim"].append(1000 * (claimed - accepted))
    return took


def main() -> None:
    """Fill, measure in turn, print."""
    with private_servers():
        engines = {size: filled(size) for size in SIZES}
        took: dict[int, dict[str, list[float]]] = {
            size: {"accept": [], "claim": []} for size in SIZES
        }
        for round_, size in itertools.product(range(ROUNDS), SIZES):
            for step, times in measure(engines[size], round_).items():
                took[size][step] += times
        rows: dict[str, Any] = {
            str(size): {
                f"{step}_p{percent}_ms": figures.percentile(times, percent / 100)
                for step, times in steps.items()
                for percent in (50, 99)
            }
            for size, steps in took.items()
        }
        print(figures.table(
            ["records", "accept p50 ms", "p99", "claim p50 ms", "p99"],
            [[f"{int(size):,}", *(f"{value:.2f}" for value in row.values())]
             for size, row in rows.items()],
        ))  # fmt: skip
        few, many = rows[str(SIZES[0])], rows[str(SIZES[-1])]
        findings = [
            Finding(f"{step.capitalize()} with {SIZES[-1]:,} records, p50",
                    f"{many[name]:.2f} ms", f"{SIZES[0]:,} records {few[name]:.2f} ms",
                    many[name] / few[name], "≤ 1.5", many[name] <= 1.5 * few[name])
            for step in ("accept", "claim")
            for name in (f"{step}_p50_ms",)
        ]  # fmt: skip
        figures.keep("growth", rows, findings, {"rounds": ROUNDS, "jobs": ROUNDS * JOBS})


if __name__ == "__main__":
    main()
