"""Breaks one thing after the other; the processes and the faults themselves mend it."""

import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from chaos.processes import SHORT_TIMES, Processes
from chaos.proxy import Proxy
from keepsake.launcher import Process

_LEASE = float(SHORT_TIMES["KEEPSAKE_LEASE_SECONDS"])
Burst = Callable[[], None]


class FaultInjector(threading.Thread):
    """Plays all its faults in a random order, again and again.

    falls: when each worker process was killed or stopped, by its id.
    """

    def __init__(
        self, processes: Processes, chance: Random, burst: Burst, faults: list[str]
    ) -> None:
        super().__init__(name="injector", daemon=True)
        self._processes, self._chance = processes, chance
        self._ended = threading.Event()
        known: dict[str, Callable[[], None]] = {
            "kill worker": self._kill_worker,
            "stop worker": self._stop_worker,
            "kill web": self._kill_web,
            "stop web": self._stop_web,
            **processes.servers.faults,
            "drop connections": self._drop,
            "latency 1 ms": lambda: self._slow(0.001),
            "latency 200 ms": lambda: self._slow(0.2),
            "partition worker from rabbitmq": self._partition_from_rabbitmq,
            **(
                {"partition worker from mongodb": self._partition_from_mongodb}
                if _proxied(processes)
                else {}
            ),
            "fill queue": burst,
        }
        self._faults = {name: known[name] for name in faults or known}
        self.done: Counter[str] = Counter()
        self.falls: defaultdict[int, list[datetime]] = defaultdict(list)
        self.failure: Exception | None = None

    def run(self) -> None:
        """Break things until told to end."""
        try:
            while not self._ended.is_set():
                for name in self._chance.sample(list(self._faults), len(self._faults)):
                    if self._ended.wait(self._chance.uniform(0.2, 1.0)):
                        return
                    self._faults[name]()
                    self.done[name] += 1
        except Exception as error:  # noqa: BLE001 - the run's verdict names it
            self.failure = error

    @property
    def missing(self) -> set[str]:
        """The faults that were not played yet."""
        return self._faults.keys() - self.done.keys()

    def end(self) -> None:
        """Let the fault in hand finish, and mend all."""
        self._ended.set()
        self.join()
        for proxy in self._processes.proxies:
            proxy.latency_seconds = 0.0
        for process in self._processes.webs + self._processes.workers:
            process.signal(signal.SIGCONT)

    def _fell(self, process: Process) -> None:
        """A master's child is what runs jobs, so all ids of its group are noted."""
        now = datetime.now(UTC)
        for pid in _group(process.pid):
            self.falls[pid].append(now)

    def _kill_worker(self) -> None:
        victim = self._chance.choice(self._processes.workers)
        self._fell(victim)
        victim.kill()

    def _stop_worker(self) -> None:
        """Asleep past its lease, so that another runs its jobs before it wakes."""
        victim = self._chance.choice(self._processes.workers)
        self._fell(victim)
        victim.signal(signal.SIGSTOP)
        threading.Event().wait(_LEASE * self._chance.uniform(1.3, 1.8))
        victim.signal(signal.SIGCONT)

    def _kill_web(self) -> None:
        self._processes.kill_web(self._chance.randrange(len(self._processes.webs)))

    def _stop_web(self) -> None:
        victim = self._chance.choice(self._processes.webs)
        victim.signal(signal.SIGSTOP)
        self._ended.wait(self._chance.uniform(0.5, 2))
        victim.signal(signal.SIGCONT)

    def _drop(self) -> None:
        for proxy in self._processes.proxies:
            proxy.drop()

    def _partition_from_rabbitmq(self) -> None:
        self._partition(self._chance.choice(self._processes.routes_of_workers).rabbitmq)

    def _partition_from_mongodb(self) -> None:
        """Past its lease, so that another runs its jobs; what it wrote meanwhile comes at last."""
        number = self._chance.randrange(len(self._processes.workers))
        self._fell(self._processes.workers[number])
        self._partition(self._processes.routes_of_workers[number].mongodb)

    def _partition(self, proxies: Sequence[Proxy]) -> None:
        for proxy in proxies:
            proxy.partition()
        self._ended.wait(_LEASE * self._chance.uniform(1.5, 4))
        for proxy in proxies:
            proxy.heal()

    def _slow(self, seconds: float) -> None:
        for proxy in self._processes.proxies:
            proxy.latency_seconds = seconds
        self._ended.wait(self._chance.uniform(1, 3))
        for proxy in self._processes.proxies:
            proxy.latency_seconds = 0.0


def _proxied(processes: Processes) -> bool:
    """Whether workers reach MongoDB through proxies."""
    return all(route.mongodb for route in processes.routes_of_workers)


def _group(leader: int) -> list[int]:
    """The processes of a session's group."""
    pids = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader:
            pids.append(int(entry.name))
    return pids
