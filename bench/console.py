"""The console's pages with 1,000,000 records, alone and while 100 look at the list of jobs.

`make bench-console` prints a table and writes bench/results/console.json: what the pages took, one
after the other; how many change streams MongoDB had; and how long after a job was cancelled the
last of those who look had its cell. OPERATOR_RECORDS bounds the records.
"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bench import figures
from bench.figures import Finding
from bench.operator import RECORDS, filled, rolled_up
from bench.servers import cpu_seconds, family, private_servers
from keepsake.access import KeyStore, Role
from keepsake.jobs import Engine
from keepsake.launcher import LOOPBACK

WATCHERS, ANSWERS, CHANGES = 100, 30, 10
AIM_MS = 100
_SHOWN = re.compile(r'sse-connect="([^"]+)"')
_CELL = re.compile(r'sse-swap="(job_\w+)"')


def pages(some_job: str) -> Iterator[tuple[str, str]]:
    """Each page, and where it is."""
    yield "overview", "/console/overview"
    yield "jobs", "/console/jobs"
    yield "jobs, pending", "/console/jobs?status=pending"
    yield "one job", f"/console/jobs/{some_job}"
    yield "dead letters", "/console/dead-letters"
    yield "owners", "/console/owners"
    yield "one owner", "/console/owners/flood"
    yield "queues and workers", "/console/queues"
    yield "keys", "/console/keys"
    yield "audit", "/console/audit"


async def measured(client: httpx.AsyncClient, path: str, web: int) -> dict[str, float]:
    """Percentiles of the answers, but the first, which may read from disk; and the web's CPU."""
    (await client.get(path)).raise_for_status()
    took, before = [], cpu_seconds(family(web))
    for _ in range(ANSWERS):
        began = time.perf_counter()
        (await client.get(path)).raise_for_status()
        took.append(1000 * (time.perf_counter() - began))
    used = cpu_seconds(family(web)) - before
    return {**_percentiles(took), "cpu_ms": 1000 * used / ANSWERS}


class Watcher:
    """Looks at a list of jobs: which cells it was sent, and when."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.seen = defaultdict[str, asyncio.Event](asyncio.Event)
        self.seen_at: dict[str, float] = {}

    async def look(self, client: httpx.AsyncClient, path: str) -> None:
        """Read the stream until it is cancelled."""
        async with client.stream("GET", path, timeout=None) as answer:
            async for line in answer.aiter_lines():
                self.opened.set()
                if line.startswith("event: job_"):
                    job_id = line.removeprefix("event: ")
                    self.seen_at[job_id] = time.perf_counter()
                    self.seen[job_id].set()


@asynccontextmanager
async def watching(client: httpx.AsyncClient, path: str) -> AsyncIterator[list[Watcher]]:
    """A hundred who look at the same list."""
    watchers = [Watcher() for _ in range(WATCHERS)]
    looking = [asyncio.create_task(watcher.look(client, path)) for watcher in watchers]
    await asyncio.gather(*(watcher.opened.wait() for watcher in watchers))
    yield watchers
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)


async def changed(engine: Engine, watchers: list[Watcher], jobs: list[str]) -> list[float]:
    """Milliseconds from each cancelled job to the last who was sent its cell."""
    took = []
    for job_id in jobs:
        began = time.perf_counter()
        await asyncio.to_thread(engine.control.cancel, None, job_id, by="root")
        async with asyncio.timeout(30):
            await asyncio.gather(*(watcher.seen[job_id].wait() for watcher in watchers))
        last = max(watcher.seen_at[job_id] for watcher in watchers)
        took.append(1000 * (last - began))
    return took


def change_streams(engine: Engine) -> int:
    """How many there are of jobs."""
    admin = engine.records.database.client.admin
    running = admin.aggregate([{"$currentOp": {"idleCursors": True}}])
    namespace = f"{engine.records.database.name}.jobs"
    return sum("$changeStream" in str(op) and op["ns"] == namespace for op in running)


async def asked(base_url: str, key: str, engine: Engine, web: int) -> dict[str, Any]:
    """What each page took, alone and beside those who look; web: the server's process."""
    limits = httpx.Limits(max_connections=WATCHERS + 10)
    headers = {"Origin": base_url}
    async with httpx.AsyncClient(
        base_url=base_url, headers=headers, timeout=60, limits=limits
    ) as client:
        await client.post("/console/sign-in", data={"key": key})
        listed = (await client.get("/console/jobs?status=pending")).text
        shown, stream = _CELL.findall(listed), _SHOWN.search(listed)
        assert stream is not None
        alone = {name: await measured(client, path, web) for name, path in pages(shown[0])}
        async with watching(client, stream[1].replace("&amp;", "&")) as watchers:
            beside = {name: await measured(client, path, web) for name, path in pages(shown[0])}
            streams = change_streams(engine)
            seen = await changed(engine, watchers, shown[:CHANGES])
    rows = {name: {**row, "beside_100_p50_ms": beside[name]["p50_ms"]}
            for name, row in alone.items()}  # fmt: skip
    return {"pages": rows, "seen": _percentiles(seen), "change streams": streams}


def _percentiles(took: list[float]) -> dict[str, float]:
    return {f"p{p}_ms": figures.percentile(took, p / 100) for p in (50, 99)}


def main() -> None:
    """Fill, ask, print."""
    with private_servers() as servers:
        engine = filled()
        rolled_up(engine)
        key = KeyStore(engine.records.database).create("root", role=Role.OPERATOR)
        base_url = f"http://{LOOPBACK}:{servers.keepsake()}"
        rows = asyncio.run(asked(base_url, key, engine, servers.last.pid))
        shown, seen, streams = rows["pages"], rows["seen"], rows["change streams"]
        print(figures.table(
            ["page", "p50 ms", "p99 ms", "CPU ms", f"p50 ms beside {WATCHERS}"],
            [[name, *(f"{value:.1f}" for value in row.values())] for name, row in shown.items()],
        ))  # fmt: skip
        print(f"seen by the last of {WATCHERS}: p50 {seen['p50_ms']:.0f} ms")
        print(f"change streams: {streams}")
        slowest = max(shown, key=lambda name: shown[name]["p50_ms"])
        most = shown[slowest]["p50_ms"]
        findings = [
            Finding(f"Console with {RECORDS:,} records, the slowest page, p50",
                    f"{most:.0f} ms ({slowest})", aim=f"≤ {AIM_MS} ms", met=most <= AIM_MS),
            Finding(f"Change streams of {WATCHERS} who look at a list", str(streams), aim="1",
                    met=streams == 1),
        ]  # fmt: skip
        figures.keep("console", rows, findings, {"answers": ANSWERS, "watchers": WATCHERS})


if __name__ == "__main__":
    main()
