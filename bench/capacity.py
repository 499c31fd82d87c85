"""What real work costs each process: turns and searches, by CPU and memory.

`make bench-capacity` prints a table and writes bench/results/capacity.json; docs/scaling.md says
what follows. One web and one worker process serve conversations of several users. CPU is what the
system counts for each part with all that it has started, so it depends little on what else the
machine does. How fast it all went does, and is not kept.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from bench import figures
from bench.conversations import Conversation
from bench.footprint import own_megabytes
from bench.servers import BenchServers, cpu_seconds, family, private_servers
from keepsake.launcher import LOOPBACK

USERS = 5
CLIENTS = 8
THREADS = 4
IDLE_SECONDS = 10
_MOST_SECONDS = 600
Row = dict[str, float]


class Parts:
    """The processes of each part, and what they have used."""

    def __init__(self, servers: BenchServers, web: int, worker: int) -> None:
        rabbitmq, mongod = servers.rabbitmq.process.pid, servers.mongod.process.pid
        self._leading = {"web": web, "worker": worker, "mongod": mongod, "rabbitmq": rabbitmq}

    def idle(self) -> Row:
        """Milliseconds of CPU of each part in a second in which nothing is asked."""
        before = self._used()
        threading.Event().wait(IDLE_SECONDS)
        return self._since(before, IDLE_SECONDS)

    def spent(self, work: Callable[[], int], idle: Row) -> Row:
        """Milliseconds of CPU for each of what the work says that it did, without the idle ones."""
        before, began = self._used(), time.perf_counter()
        count = work()
        seconds = time.perf_counter() - began
        whole = self._since(before, count)
        return {name: used - idle[name] * seconds / count for name, used in whole.items()}

    def _since(self, before: Row, count: float) -> Row:
        return {name: 1000 * (used - before[name]) / count for name, used in self._used().items()}

    def memory(self) -> Row:
        """Private memory of ours, in MB."""
        return {name: own_megabytes(self._leading[name]) for name in ("web", "worker")}

    def _used(self) -> Row:
        return {name: cpu_seconds(family(pid)) for name, pid in self._leading.items()}


class ConversingClient:
    """The HTTP API, as a client with several requests in flight."""

    def __init__(self, base_url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=90)

    def turns(self, users: range) -> int:
        """Post every turn of users' conversations; how many, when all are remembered."""
        bodies = [
            {**turn.model_dump(exclude_defaults=True), "user_id": f"user-{user}"}
            for user in users for turn in Conversation(user).turns
        ]  # fmt: skip
        self._ended("/v2/memory/ingest", bodies)
        return len(bodies)

    def searches(self, users: range) -> int:
        """Ask what users' conversations answer; how many questions."""
        bodies = [
            {"query": asked.question, "user_id": f"user-{user}"}
            for user in users for asked in Conversation(user).questions
        ]  # fmt: skip
        self._all_posted("/v2/memory/search", bodies)
        return len(bodies)

    def _ended(self, path: str, bodies: list[dict[str, Any]]) -> list[Any]:
        return [self._awaited(job) for job in self._all_posted(path, bodies)]

    def _all_posted(self, path: str, bodies: list[dict[str, Any]]) -> list[Any]:
        def post(body: dict[str, Any]) -> Any:
            return self._http.post(path, json=body).raise_for_status().json()

        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(post, bodies))

    def _awaited(self, job: Any) -> Any:
        began = time.perf_counter()
        while time.perf_counter() - began < _MOST_SECONDS:
            found = self._http.get(job["status_url"], params={"wait": "20"})
            shown = found.raise_for_status().json()
            if shown["status"] == "succeeded":
                return shown
            if shown["status"] in {"dead_letter", "cancelled"}:
                raise RuntimeError(f"{job['status_url']} ended as {shown['status']}")
        raise TimeoutError(f"{job['status_url']} has not ended")


def measured(servers: BenchServers) -> dict[str, Row]:
    """The cost of each kind of work, and memory before and after."""
    key = servers.key()
    port = servers.keepsake()
    web = servers.last
    worker = servers.dramatiq("actors", THREADS)
    parts = Parts(servers, web.pid, worker.pid)
    service = ConversingClient(f"http://{LOOPBACK}:{port}", key)
    rows = {"idle, MB": parts.memory()}
    warm_up = range(USERS, USERS + 1)
    service.turns(warm_up)
    service.searches(warm_up)
    rows["idle, a second"] = idle = parts.idle()
    rows["a turn"] = parts.spent(lambda: service.turns(range(USERS)), idle)
    rows["a search"] = parts.spent(lambda: service.searches(range(USERS)), idle)
    rows["after turns and searches, MB"] = parts.memory()
    return rows


def main() -> None:
    """Measure and print."""
    with private_servers() as servers:
        rows = measured(servers)
        columns = ("web", "worker", "mongod", "rabbitmq")
        print(figures.table(
            ["CPU ms, or MB", *columns],
            [[what, *(f"{row[part]:.2f}" if part in row else "" for part in columns)]
             for what, row in rows.items()],
        ))  # fmt: skip
        settings = {"users": USERS, "clients": CLIENTS, "threads": THREADS}
        figures.keep("capacity", rows, [], settings)


if __name__ == "__main__":
    main()
