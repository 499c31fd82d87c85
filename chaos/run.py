"""One run: load and monkey side by side, then quiet, then the count."""

import threading
import time
from dataclasses import dataclass, field
from random import Random

import httpx

from access.keys import KeyStore
from chaos.books import Count, audited, unfinished
from chaos.farm import Farm
from chaos.load import Load
from chaos.monkey import Monkey
from stack.indexes import ensure_all
from storage.mongo import Documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """How long to break things, which and how; no tricks named means all."""

    seconds: float
    settle_seconds: float = 120
    seed: int = 0
    tricks: list[str] = field(default_factory=list)
    clients: int = 4
    pause_seconds: float = 0.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run showed."""

    count: Count
    errors: dict[str, int]
    tricks: dict[str, int]

    @property
    def sound(self) -> bool:
        """Whether every promise was kept while at least one thing was broken."""
        bare = any("Retry-After" in kind or kind.startswith("500") for kind in self.errors)
        return self.count.sound and bool(self.tricks) and not bare

    def lines(self) -> list[str]:
        """The report."""
        count = self.count
        gaps = sorted(count.recovery_seconds)
        shown = [
            f"accepted={count.accepted} lost={len(count.lost)} "
            f"duplicated={len(count.duplicated)} recovered={count.recovered}",
            f"disordered={len(count.disordered)}",
        ]
        if gaps:
            p50, p99 = (gaps[min(int(len(gaps) * q), len(gaps) - 1)] for q in (0.5, 0.99))
            shown.append(f"recovery p50={p50:.2f} s p99={p99:.2f} s of {len(gaps)}")
        shown += [f"broke: {name} {times}" for name, times in sorted(self.tricks.items())]
        shown += [f"clients met: {kind} {times}" for kind, times in sorted(self.errors.items())]
        faults = {"lost": count.lost, "duplicated": count.duplicated,
                  "disordered": count.disordered}  # fmt: skip
        shown += [f"{name}: {' '.join(ids[:10])}" for name, ids in faults.items() if ids]
        return [*shown, f"verdict: {'sound' if self.sound else 'BROKEN'}"]


def run(farm: Farm, database: Documents, scenario: Scenario) -> Verdict:
    """Run a scenario over a farm that is up; `database` leads to MongoDB past the proxy.

    Raises:
        Exception: The monkey or a client failed itself.
    """
    ensure_all(database)
    key = KeyStore(database).create("chaos")
    chance = Random(scenario.seed)
    load = Load(farm.base_urls, key, chance, clients=scenario.clients,
                pause_seconds=scenario.pause_seconds)  # fmt: skip
    monkey = Monkey(farm, chance, load.burst, scenario.tricks)
    load.start()
    monkey.start()
    threading.Event().wait(scenario.seconds)
    monkey.end()
    load.end()
    if monkey.failure is not None:
        raise monkey.failure
    _settle(database, load, key, scenario.settle_seconds)
    return Verdict(audited(database, load.orders, monkey.falls), dict(load.errors),
                   dict(monkey.done))  # fmt: skip


def _settle(database: Documents, load: Load, key: str, seconds: float) -> None:
    """Wait until every job has ended; pauses that took force late are lifted."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=10) as client:
        while unfinished(database) and time.monotonic() < deadline:
            for doc in database["jobs"].find({"state": "paused"}, {"_id": 1}):
                load.resume(client, doc["_id"])
            pause.wait(0.2)
