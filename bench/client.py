"""Submitting jobs with the Python client, beside bare httpx that sends the same turns.

`make bench-client` prints a table and writes bench/results/client.json: answers per second, and CPU
of the client's process for each, of code that blocks and of 16 coroutines. No worker runs.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from bench import accept, figures
from bench.figures import Finding
from bench.servers import private_servers
from keepsake.launcher import LOOPBACK
from keepsake_client import AsyncKeepsake, Keepsake

ROUNDS = 5
SECONDS = 2.0
WARM_UP_SECONDS = 0.5
COROUTINES = 16
AIM = 0.8
BLOCKING, AWAITED = "1 thread", f"{COROUTINES} coroutines"
BARE, OURS = "httpx", "keepsake-client"
PATH = "/v2/memory/ingest"
Side = Callable[[str, str, Iterator[dict[str, Any]], float], int]


@dataclass(frozen=True, slots=True)
class Submissions:
    """What one loop of submissions came to."""

    per_second: float
    cpu_ms: float


def turns(prefix: str) -> Iterator[dict[str, Any]]:
    """Turns that are all different."""
    for number in itertools.count():
        yield {
            "user_query": f"Turn {prefix}-{number}: I moved to Lisbon and I am allergic to nuts.",
            "agent_response": "Noted. I will keep that in mind when you ask for a restaurant.",
            "user_id": f"user-{number % 1000}",
        }


def bare(base_url: str, key: str, wanted: Iterator[dict[str, Any]], seconds: float) -> int:
    """Submit with httpx; how many were answered."""
    count, until = 0, time.perf_counter() + seconds
    with httpx.Client(base_url=base_url, headers=_headers(key), trust_env=False) as client:
        while time.perf_counter() < until:
            _job_id(client.post(PATH, json=next(wanted)))
            count += 1
    return count


def ours(base_url: str, key: str, wanted: Iterator[dict[str, Any]], seconds: float) -> int:
    """Submit with the client; how many were answered."""
    count, until = 0, time.perf_counter() + seconds
    with Keepsake(base_url, key) as client:
        while time.perf_counter() < until:
            _ = client.memory.add(**next(wanted)).id
            count += 1
    return count


def bare_awaited(base_url: str, key: str, wanted: Iterator[dict[str, Any]], seconds: float) -> int:
    """Submit with httpx's coroutines; how many were answered."""

    async def run() -> int:
        async with httpx.AsyncClient(
            base_url=base_url, headers=_headers(key), trust_env=False
        ) as client:

            async def submit() -> None:
                _job_id(await client.post(PATH, json=next(wanted)))

            return await _together(submit, seconds)

    return asyncio.run(run())


def ours_awaited(base_url: str, key: str, wanted: Iterator[dict[str, Any]], seconds: float) -> int:
    """Submit with the client's coroutines; how many were answered."""

    async def run() -> int:
        async with AsyncKeepsake(base_url, key) as client:

            async def submit() -> None:
                _ = (await client.memory.add(**next(wanted))).id

            return await _together(submit, seconds)

    return asyncio.run(run())


async def _together(submit: Callable[[], Awaitable[None]], seconds: float) -> int:
    until = time.perf_counter() + seconds

    async def loop() -> int:
        count = 0
        while time.perf_counter() < until:
            await submit()
            count += 1
        return count

    return sum(await asyncio.gather(*(loop() for _ in range(COROUTINES))))


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _job_id(response: httpx.Response) -> str:
    response.raise_for_status()
    return str(response.json()["job_id"])


SIDES: dict[tuple[str, str], Side] = {
    (BLOCKING, BARE): bare,
    (BLOCKING, OURS): ours,
    (AWAITED, BARE): bare_awaited,
    (AWAITED, OURS): ours_awaited,
}


def measure(base_url: str, key: str) -> dict[tuple[str, str], list[Submissions]]:
    """Round by round, and within a round side by side."""
    for name, side in SIDES.items():
        side(base_url, key, turns(f"{name} warm"), WARM_UP_SECONDS)
    measured: dict[tuple[str, str], list[Submissions]] = {name: [] for name in SIDES}
    for number, name in itertools.product(range(ROUNDS), SIDES):
        accept.empty(accept.OWN_QUEUES)
        began, cpu = time.perf_counter(), time.process_time()
        count = SIDES[name](base_url, key, turns(f"{number} {name}"), SECONDS)
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        measured[name].append(Submissions(count / seconds, 1000 * used / count))
    return measured


def findings(rows: dict[str, dict[str, dict[str, float]]]) -> list[Finding]:
    """What is compared with the aim."""
    compared = []
    for way in (BLOCKING, AWAITED):
        mine, theirs = rows[way][OURS]["per_second"], rows[way][BARE]["per_second"]
        ratio = mine / theirs
        compared.append(
            Finding(f"Submits of the Python client, {way}", f"{mine:,.0f}/s",
                    f"bare httpx {theirs:,.0f}/s", ratio, f"≥ {AIM}", ratio >= AIM)
        )  # fmt: skip
    return compared


def main() -> None:
    """Measure all sides and print them."""
    with private_servers() as servers:
        base_url = f"http://{LOOPBACK}:{servers.keepsake()}"
        measured = measure(base_url, servers.key())
        rows: dict[str, dict[str, dict[str, float]]] = {BLOCKING: {}, AWAITED: {}}
        for (way, name), runs in measured.items():
            rows[way][name] = {
                "per_second": statistics.median(run.per_second for run in runs),
                "cpu_ms": statistics.median(run.cpu_ms for run in runs),
            }
        lines = [
            [way, name, f"{row['per_second']:,.0f}", f"{row['cpu_ms']:.2f}"]
            for way, sides in rows.items()
            for name, row in sides.items()
        ]
        print(figures.table(["", "", "per s", "client CPU ms"], lines))
        figures.keep("client", rows, findings(rows), {"rounds": ROUNDS, "seconds": SECONDS})


if __name__ == "__main__":
    main()
