"""Every list of the operator's API with 1,000,000 records, of which 50,000 have not ended.

`make bench-operator` prints a table and writes bench/results/operator.json: what the answers of
each list and filter took, over HTTP, one after the other. OPERATOR_RECORDS bounds the records. One
owner floods a queue; the others have as many jobs as each other.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bench import figures
from bench.figures import Finding
from bench.servers import BenchServers, private_servers
from keepsake.access import KeyStore, Role
from keepsake.jobs import Engine, NewJob, RollUp
from keepsake.launcher import LOOPBACK, ensure_indexes
from keepsake.memory import INGEST
from keepsake.parts import job_types
from keepsake.storage import Document, MongoSettings, connect, first_id

RECORDS = int(os.environ.get("OPERATOR_RECORDS", "1000000"))
ANSWERS = 40
OWNERS = 1_000
AIM_MS = 100
_PORTION = 5_000
_DAY = timedelta(days=1)
_KEPT_SECONDS = 5.5
"""What a scrape reads is not kept for so long."""
_FLOOD = "flood"
_ACTIVE = ("key_slot", "open_lane", "notify_at", "deadline_at")
_ERROR = {"kind": "poison", "type": "poison", "message": "its worker died 3 times in a row"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, as it is asked for. apart_seconds: the pause before each answer, for what is kept."""

    name: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    answers: int = ANSWERS
    apart_seconds: float = 0


def filled() -> Engine:
    """An engine over that many records of the last day, made like real ones; indexes come last."""
    models = _models()
    database = connect(MongoSettings())
    fresh = database["jobs"].with_options(write_concern=None)
    began = datetime.now(UTC) - _DAY
    for start in range(0, RECORDS, _PORTION):
        numbers = range(start, min(start + _PORTION, RECORDS))
        records = [_record(number, began, models) for number in numbers]
        fresh.insert_many(records, ordered=False)
        if letters := list(_letters(records)):
            database["dead_letters"].insert_many(letters)
    ensure_indexes(database)
    return Engine.over(database, job_types())


def _models() -> dict[str, Document]:
    """One record of each kind, from a database of their own."""
    engine = Engine.over(connect(MongoSettings(mongo_database="models")), job_types())
    jobs = {name: _accepted(engine, name) for name in ("pending", "running", "succeeded", "dead")}
    for name in ("running", "succeeded", "dead"):
        claim = engine.claims.claim(name, "w1")
        assert claim is not None
        if name == "succeeded":
            engine.claims.succeed(claim, {"model": "rules"})
        elif name == "dead":
            engine.dead_letters.give_up(claim, _ERROR)
    found = {name: engine.records.newest.find_one({"_id": job}) for name, job in jobs.items()}
    return {name: record for name, record in found.items() if record is not None}


def _accepted(engine: Engine, name: str) -> str:
    payload = {"user_query": f"I live in Lisbon, {name}.", "user_id": "ana"}
    new = NewJob(type=INGEST.name, owner=name, payload=payload, lane=name)
    return engine.acceptance.accept(new).job.id


def _record(number: int, began: datetime, models: dict[str, Document]) -> Document:
    """Of a hundred the first five have not ended, four of these the flood's; three were given up.

    The older half of the paused ones are far from the newest jobs, where no page looks first.
    """
    at, place = began + _DAY * (number / RECORDS), number % 100
    job_id = f"{first_id('job', at)[:14]}{number:016d}"
    kind = _kind(number, place)
    owner = _FLOOD if place < 4 else f"owner-{number // 100 % OWNERS}"
    model = models["pending" if kind in {"paused", "retrying"} else kind]
    record = {**model, "_id": job_id, "owner": owner, "created_at": at, "updated_at": at}
    if kind == "dead":
        record |= {"error": {**_ERROR, "type": "poison" if number % 2 else "no-turns", "at": at}}
    if kind in {"succeeded", "dead"}:
        kept = record["expire_at"] - record["ended_at"]
        record |= {"ended_at": at, "expire_at": at + kept}
        return {name: value for name, value in record.items() if name not in _ACTIVE}
    record |= {"key_slot": job_id, "lane": job_id, "open_lane": job_id}
    if kind == "running":
        record |= {"running_lane": job_id, "worker": f"w{number % 8}"}
    if kind in {"paused", "retrying"}:
        record |= {"state": kind}
    if number % 1_000 == 4:
        record |= {"labels": {"team": "cli"}, "label_pairs": ["team:cli"]}
    return record


def _kind(number: int, place: int) -> str:
    if place >= 5:
        return "dead" if place < 8 else "succeeded"
    if number % 20_000 == 4:
        return "running"
    return {4: "retrying"}.get(place, "pending") if number % 10_000 else "paused"


def _letters(records: list[Document]) -> Iterator[Document]:
    names = ("_id", "schema", "type", "owner", "queue", "lane", "labels", "lineage", "limits",
             "attempts", "failures", "crashes", "error", "created_at", "expire_at")  # fmt: skip
    for record in records:
        if record["state"] == "dead_letter":
            yield {**{name: record[name] for name in names}, "status": "open",
                   "died_at": record["ended_at"]}  # fmt: skip


def lists(some_job: str) -> Iterator[Listed]:
    """Every list of an operator's, and every filter."""
    ago = (datetime.now(UTC) - _DAY / 2).isoformat()
    filters: dict[str, dict[str, Any]] = {
        "jobs": {},
        "jobs of an owner": {"owner": "owner-7"},
        "jobs of the flood": {"owner": _FLOOD, "status": "pending"},
        "jobs, pending": {"status": "pending"},
        "jobs, running": {"status": "running"},
        "jobs, paused": {"status": "paused"},
        "jobs, given up": {"status": "dead_letter"},
        "jobs of a type": {"type": "scanner.scan"},
        "jobs of a queue": {"queue": "keepsake.memory"},
        "jobs of a worker": {"worker": "w3"},
        "jobs of a worker, running": {"worker": "w3", "status": "running"},
        "jobs by error": {"error_type": "no-turns"},
        "jobs by label": {"label": "team:cli"},
        "jobs before a time": {"created_before": ago},
        "jobs by id": {"job_id": some_job[:12]},
        "jobs that nobody has": {"error_type": "git-failed"},
    }
    yield from (Listed(name, "/v1/admin/jobs", params) for name, params in filters.items())
    yield Listed("one job", f"/v1/admin/jobs/{some_job}")
    yield Listed("owners", "/v1/admin/owners", {"minutes": 60})
    yield Listed("timeline, an hour", "/v1/admin/timeline")
    yield Listed("timeline, a day", "/v1/admin/timeline", {"minutes": 1_440})
    for name in ("queues", "workers", "divergence", "audit", "keys"):
        yield Listed(name, f"/v1/admin/{name}")
    yield Listed("dead letters", "/v1/dead-letters", {"status": "open"})
    yield Listed("metrics", "/metrics")
    yield Listed("metrics, read anew", "/metrics", answers=8, apart_seconds=_KEPT_SECONDS)


def measure(client: httpx.Client, listed: Listed) -> list[float]:
    """Milliseconds of each answer; the first, which may read from disk, is left out."""
    took = []
    for _ in range(listed.answers + 1):
        time.sleep(listed.apart_seconds)
        began = time.perf_counter()
        client.get(listed.path, params=listed.params).raise_for_status()
        took.append(1000 * (time.perf_counter() - began))
    return took[1:]


def rolled_up(engine: Engine) -> dict[str, float]:
    """Milliseconds of a look that counts one minute, and of one that makes up for ten."""
    took = {}
    for name in ("ten minutes", "again", "again", "again", "again", "again", "one look"):
        engine.records.database["timeline"].delete_one({"_id": "turn"})
        began = time.perf_counter()
        RollUp(engine.records).run_once()
        took[name] = 1000 * (time.perf_counter() - began)
    return {name: took[name] for name in ("ten minutes", "one look")}


def asked(servers: BenchServers, engine: Engine) -> dict[str, dict[str, float]]:
    """p50 and p99 of each list."""
    key = KeyStore(engine.records.database).create("olga", role=Role.OPERATOR)
    some_job: str = engine.records.jobs.find_one({"owner": _FLOOD}, sort=[("_id", -1)])["_id"]  # type: ignore[index]
    base_url = f"http://{LOOPBACK}:{servers.keepsake()}"
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:
        took = {listed.name: measure(client, listed) for listed in lists(some_job)}
    return {
        name: {f"p{p}_ms": figures.percentile(times, p / 100) for p in (50, 99)}
        for name, times in took.items()
    }


def main() -> None:
    """Fill, ask, print."""
    with private_servers() as servers:
        engine = filled()
        looked = rolled_up(engine)
        rows: dict[str, Any] = asked(servers, engine)
        print(figures.table(
            ["list", "p50 ms", "p99 ms"],
            [[name, *(f"{value:.1f}" for value in row.values())] for name, row in rows.items()],
        ))  # fmt: skip
        print("roll-up:", ", ".join(f"{name} {ms:.0f} ms" for name, ms in looked.items()))
        slowest = max(rows, key=lambda name: rows[name]["p50_ms"])
        most = rows[slowest]["p50_ms"]
        findings = [
            Finding(
                f"Operator's lists with {RECORDS:,} records, the slowest, p50",
                f"{most:.0f} ms ({slowest})",
                aim=f"≤ {AIM_MS} ms",
                met=most <= AIM_MS,
            )
        ]
        figures.keep("operator", {**rows, "roll-up": looked}, findings, {"answers": ANSWERS})


if __name__ == "__main__":
    main()
