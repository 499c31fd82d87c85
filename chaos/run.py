"""One run: load and faults side by side, then a wait until all jobs have ended, then the count."""

import math
import threading
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from chaos.fault_injector import FaultInjector
from chaos.ledger import Count, audited, unfinished
from chaos.load import Load, LoadLevel, allowed
from chaos.processes import Processes
from keepsake.access import KeyStore
from keepsake.launcher import ensure_indexes
from keepsake.storage import Documents

_LATE_SECONDS = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """How long to break things, which and how; no faults named means all.

    settle_seconds: a system in which no job ends for so long is stuck.

    A run goes on until each fault was played once, however short it was meant to be.
    """

    seconds: float
    settle_seconds: float = 60
    seed: int = 0
    faults: list[str] = field(default_factory=list)
    level: LoadLevel = field(default_factory=LoadLevel)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run showed.

    missed: faults that were not played in time. slowest_seconds: the longest a client waited.
    """

    count: Count
    errors: dict[str, int]
    faults: dict[str, int]
    missed: set[str]
    slowest_seconds: float

    @property
    def sound(self) -> bool:
        """Whether every promise was kept while everything was broken that should be."""
        good = all(allowed(kind) for kind in self.errors)
        return self.count.sound and bool(self.faults) and not self.missed and good

    @property
    def recovery_seconds(self) -> tuple[float, float] | None:
        """The median and the 99th percentile; None when nothing had to recover."""
        gaps = sorted(self.count.recovery_seconds)
        if not gaps:
            return None
        p50, p99 = (gaps[min(int(len(gaps) * q), len(gaps) - 1)] for q in (0.5, 0.99))
        return p50, p99

    def figures(self) -> dict[str, Any]:
        """The report, for a file."""
        count, recovery = self.count, self.recovery_seconds
        return {
            "accepted": count.accepted, "lost": len(count.lost),
            "duplicated": len(count.duplicated), "disordered": len(count.disordered),
            "recovered": count.recovered, "cancelled": count.cancelled,
            "replayed": count.replayed, "remembered": count.remembered,
            "recovery_p50_seconds": recovery and round(recovery[0], 2),
            "recovery_p99_seconds": recovery and round(recovery[1], 2),
            "slowest_answer_seconds": round(self.slowest_seconds, 2),
            "broke": self.faults, "clients_met": self.errors, "sound": self.sound,
        }  # fmt: skip

    def lines(self) -> list[str]:
        """The report."""
        count = self.count
        shown = [
            f"accepted={count.accepted} lost={len(count.lost)} "
            f"duplicated={len(count.duplicated)} recovered={count.recovered}",
            f"disordered={len(count.disordered)} cancelled={count.cancelled} "
            f"replayed={count.replayed} remembered={count.remembered}",
        ]
        if self.recovery_seconds:
            p50, p99 = self.recovery_seconds
            shown.append(f"recovery p50={p50:.2f} s p99={p99:.2f} s "
                         f"of {len(count.recovery_seconds)}")  # fmt: skip
        shown.append(f"slowest answer={self.slowest_seconds:.2f} s")
        shown += [f"broke: {name} {times}" for name, times in sorted(self.faults.items())]
        shown += [f"clients met: {kind} {times}" for kind, times in sorted(self.errors.items())]
        shown += [f"not broken in time: {name}" for name in sorted(self.missed)]
        faults = {"lost": count.lost, "duplicated": count.duplicated,
                  "disordered": count.disordered}  # fmt: skip
        shown += [f"{name}: {' '.join(ids[:10])}" for name, ids in faults.items() if ids]
        return [*shown, f"verdict: {'sound' if self.sound else 'BROKEN'}"]


def run(processes: Processes, database: Documents, scenario: Scenario) -> Verdict:
    """Run a scenario over processes that are up; `database` leads to MongoDB past the proxy.

    Raises:
        Exception: The injector or a client failed itself.
    """
    ensure_indexes(database)
    key = KeyStore(database).create("chaos")
    chance = Random(scenario.seed)
    load = Load(processes, key, chance, scenario.level)
    injector = FaultInjector(processes, chance, load.burst, scenario.faults)
    load.start()
    injector.start()
    _wait(injector, scenario.seconds)
    injector.end()
    load.end()
    if injector.failure is not None:
        raise injector.failure
    _settle(database, load, key, scenario.settle_seconds)
    return Verdict(audited(database, load.orders, injector.falls), dict(load.errors),
                   dict(injector.done), injector.missing, load.slowest_seconds)  # fmt: skip


def _wait(injector: FaultInjector, seconds: float) -> None:
    """Let a run last, until all faults were played."""
    pause, began = threading.Event(), time.monotonic()
    while (lasted := time.monotonic() - began) < seconds or (
        injector.missing and injector.is_alive() and lasted < seconds + _LATE_SECONDS
    ):
        pause.wait(0.1)


def _settle(database: Documents, load: Load, key: str, seconds: float) -> None:
    """Wait until every job has ended, or none ended for some seconds.

    Pauses that took force late are lifted.
    """
    pause, left, deadline = threading.Event(), math.inf, 0.0
    with httpx.Client(
        headers={"Authorization": f"Bearer {key}"}, timeout=10, trust_env=False
    ) as client:
        while (now := unfinished(database)) and (now < left or time.monotonic() < deadline):
            if now < left:
                left, deadline = now, time.monotonic() + seconds
            for doc in database["jobs"].find({"state": "paused"}, {"_id": 1}):
                load.resume(client, doc["_id"])
            pause.wait(0.2)
