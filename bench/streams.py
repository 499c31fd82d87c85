"""What watchers cost: 1,000 jobs run while 0, 1 or 200 event streams of all jobs are open.

`make bench-streams` (about two minutes) prints, for one web process, its CPU seconds and memory and
MongoDB's operations in each phase, and writes bench/results/streams.json. Every watcher has to see
the end of every job, else the figures mean nothing.
"""

import asyncio
import statistics
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo.database import Database

from bench import figures
from bench.figures import Finding
from bench.servers import BenchServers, private_servers
from keepsake.jobs import Engine, NewJob
from keepsake.launcher import LOOPBACK
from keepsake.memory import INGEST
from keepsake.parts import job_types
from keepsake.storage import Document, connect
from middleware.stack import Stack, publishing_stack

JOBS = 1_000
WATCHERS = (0, 1, 200)
ROUNDS = 3
OWNER = "bench"
_TIMEOUT_SECONDS = 60
_TICKS_PER_SECOND = 100
_READS = ("query", "getmore", "command")
_END = b"event: end\n"


@dataclass(slots=True)
class Streams:
    """Connections that read events and count the ends among them."""

    port: int
    key: str
    ends: list[int] = field(default_factory=list)
    bytes: int = 0
    seen: list[asyncio.Event] = field(default_factory=list)
    _readers: list["asyncio.Task[None]"] = field(default_factory=list)

    async def open(self, count: int) -> None:
        """Connect, and wait until each has its snapshot."""
        ready = [asyncio.Event() for _ in range(count)]
        self.ends, self.seen = [0] * count, [asyncio.Event() for _ in range(count)]
        self._readers = [
            asyncio.create_task(self._read(number, ready[number])) for number in range(count)
        ]
        await asyncio.gather(*(opened.wait() for opened in ready))

    async def close(self) -> None:
        """Disconnect."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    async def _read(self, number: int, ready: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
        head = f"GET /v1/jobs/events HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer "
        writer.write(f"{head}{self.key}\r\n\r\n".encode())
        rest = b""
        try:
            while piece := await reader.read(1 << 16):
                self.bytes += len(piece)
                text = rest + piece
                if b"event: snapshot" in text:
                    ready.set()
                self.ends[number] += text.count(_END)
                if self.ends[number] >= JOBS:
                    self.seen[number].set()
                rest = text[-len(_END) + 1 :] if not text.endswith(_END) else b""
        finally:
            writer.close()


@dataclass(frozen=True, slots=True)
class Meter:
    """What the web process and MongoDB have done so far."""

    cpu_seconds: float
    operations: dict[str, int]

    @classmethod
    def read(cls, pid: int, database: Database[Document]) -> "Meter":
        """Now."""
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        counters = database.client.admin.command("serverStatus")["opcounters"]
        cpu = (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND
        return cls(cpu, {name: int(counters[name]) for name in _READS})

    def since(self, before: "Meter") -> dict[str, float]:
        """What was done meanwhile."""
        done = {name: self.operations[name] - before.operations[name] for name in _READS}
        return {"web_cpu_seconds": self.cpu_seconds - before.cpu_seconds, **done}


def memory_mb(pid: int) -> float:
    """What the process holds in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


async def measure(
    engine: Engine, notifier: Stack, streams: Streams, pid: int, watchers: int
) -> dict[str, float]:
    """Run the jobs under so many watchers, until all have seen all ends."""
    engine.records.jobs.delete_many({})
    await streams.open(watchers)
    before, began = Meter.read(pid, engine.records.database), time.perf_counter()
    await asyncio.to_thread(accept, engine, notifier, time.monotonic_ns())
    done = await asyncio.to_thread(until_done, engine)
    seen = await until_seen(streams)
    elapsed = time.perf_counter() - began
    row = Meter.read(pid, engine.records.database).since(before)
    memory = memory_mb(pid)
    await streams.close()
    return {**row, "web_memory_mb": memory, "jobs_seconds": done - began,
            "seen_seconds": seen - began if watchers else 0.0, "seconds": elapsed,
            "megabytes_sent": streams.bytes / 1e6}  # fmt: skip


def accept(engine: Engine, notifier: Stack, round_: int) -> None:
    """Accept and notify all jobs, a lane each."""
    for number in range(JOBS):
        new = NewJob(type=INGEST.name, owner=OWNER, payload={"n": [round_, number]})
        notifier.notifier.notify(engine.acceptance.accept(new).job, notify_next=False)


def until_done(engine: Engine) -> float:
    """When the last job has ended. One count every 50 ms, in all phases alike."""
    pause, deadline = threading.Event(), time.monotonic() + _TIMEOUT_SECONDS
    while engine.records.jobs.count_documents({"state": "succeeded"}) < JOBS:
        if time.monotonic() > deadline:
            raise RuntimeError("the jobs did not end")
        pause.wait(0.05)
    return time.perf_counter()


async def until_seen(streams: Streams) -> float:
    """When the last watcher has seen the last end."""
    seen = asyncio.gather(*(end.wait() for end in streams.seen))
    try:
        await asyncio.wait_for(seen, _TIMEOUT_SECONDS)
    except TimeoutError:
        raise RuntimeError(f"a watcher saw {min(streams.ends)} of {JOBS} ends") from None
    return time.perf_counter()


def rounds(servers: BenchServers) -> dict[int, list[dict[str, float]]]:
    """All phases, interleaved."""
    key, port = servers.key(OWNER), servers.keepsake()
    pid = servers.last.pid
    servers.dramatiq("bench.noop", 4)
    engine = Engine.over(connect(), job_types())
    notifier = publishing_stack(engine)
    rows: dict[int, list[dict[str, float]]] = {watchers: [] for watchers in WATCHERS}
    for _ in range(ROUNDS):
        for watchers, done in rows.items():
            streams = Streams(port, key)
            done.append(asyncio.run(measure(engine, notifier, streams, pid, watchers)))
    notifier.broker.close()
    return rows


def findings(rows: dict[str, Any]) -> list[Finding]:
    """What 200 watchers add to what one costs."""
    none, single, many = (rows[str(watchers)] for watchers in WATCHERS)
    reads = [sum(row[name] for name in _READS) for row in (none, single, many)]
    per = (many["web_cpu_seconds"] - single["web_cpu_seconds"]) / (WATCHERS[2] - 1) * 1000
    return [
        Finding("MongoDB operations, 200 watchers", f"{reads[2]:,.0f}",
                f"1 watcher {reads[1]:,.0f}, none {reads[0]:,.0f}", reads[2] / reads[1]),
        Finding("Web CPU for a further watcher of 1,000 jobs", f"{per:.1f} ms"),
        Finding("Web memory, 200 watchers", f"{many['web_memory_mb']:.0f} MB",
                f"none {none['web_memory_mb']:.0f} MB",
                many["web_memory_mb"] / none["web_memory_mb"]),
        Finding("The last end is seen after the last job", f"{_lag(many):.2f} s",
                f"1 watcher {_lag(single):.2f} s"),
    ]  # fmt: skip


def _lag(row: dict[str, float]) -> float:
    return max(row["seen_seconds"] - row["jobs_seconds"], 0.0)


def main() -> None:
    """Measure all phases and print their medians."""
    with private_servers() as servers:
        measured = rounds(servers)
        rows = {
            str(watchers): {name: statistics.median(row[name] for row in done) for name in done[0]}
            for watchers, done in measured.items()
        }
        names = list(rows["0"])
        lines = [[watchers, *(f"{row[name]:,.2f}" for name in names)]
                 for watchers, row in rows.items()]  # fmt: skip
        print(figures.table(["watchers", *names], lines))
        figures.keep("streams", rows, findings(rows), {"jobs": JOBS, "rounds": ROUNDS})


if __name__ == "__main__":
    main()
