"""Clients that ask side by side for as long as the run lasts, and what their answers took."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import httpx

from bench.figures import percentile
from keepsake_client import Keepsake, KeepsakeError
from soak.people import USERS, People, SoakRepository
from soak.requests import MIX, Caller

CLIENTS = 4
_THINKS_SECONDS = 0.25
_STREAM_SECONDS = 60.0
_SCRAPE_SECONDS = 15.0


@dataclass(slots=True)
class LoadRecord:
    """What came of the requests; `taken` empties the latencies."""

    errors: Counter[str] = field(default_factory=Counter)
    events: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    _latencies: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def timed(self, name: str, call: Callable[[], object]) -> None:
        """Make a request and note how long it took, or what was raised."""
        began = time.monotonic()
        try:
            call()
        except (KeepsakeError, httpx.HTTPError, RuntimeError) as error:
            with self._lock:
                self.errors[f"{name}: {type(error).__name__} {error}"[:200]] += 1
            return
        took = 1000 * (time.monotonic() - began)
        with self._lock:
            self._latencies[name].append(took)
            self.asked[name] += 1

    def taken(self) -> dict[str, dict[str, float]]:
        """Percentiles of what was answered since this was asked last, by kind of request."""
        with self._lock:
            latencies, self._latencies = self._latencies, defaultdict(list)
        return {
            name: {"count": len(took), "p50": round(percentile(took, 0.5), 2),
                   "p99": round(percentile(took, 0.99), 2)}
            for name, took in sorted(latencies.items())
        }  # fmt: skip


class SoakLoad:
    """Starts the clients, one who follows events, one who erases users and one who scrapes."""

    def __init__(self, base_url: str, key: str, operator_key: str, folder: Path) -> None:
        self.record = LoadRecord()
        self._base_url, self._key, self._operator_key = base_url, key, operator_key
        self._folder = folder
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, people: People, code: list[SoakRepository], life_seconds: float) -> None:
        """Start all. life_seconds: how long a user is there."""
        for number in range(CLIENTS):
            self._go_on(f"client-{number}", self._client, Random(number), people, code)
        self._go_on("events", self._follow)
        self._go_on("erasing", self._erase, people, life_seconds)
        self._go_on("metrics", self._scrape)

    def end(self) -> None:
        """Ask for nothing more; what was begun ends first."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, name: str, call: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=call, args=arguments, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _client(self, chance: Random, people: People, code: list[SoakRepository]) -> None:
        requests, weights = list(MIX), list(MIX.values())
        with Keepsake(self._base_url, self._key) as client:
            caller = Caller(client, chance, people, code, self._folder)
            while not self._ended.wait(chance.uniform(0, 2 * _THINKS_SECONDS)):
                (request,) = chance.choices(requests, weights)
                self.record.timed(request.__name__, partial(request, caller))

    def _follow(self) -> None:
        """Follow all jobs; a new stream each minute."""
        with Keepsake(self._base_url, self._key) as client:
            while not self._ended.is_set():
                until = time.monotonic() + _STREAM_SECONDS
                self.record.timed("stream", partial(self._followed, client, until))

    def _followed(self, client: Keepsake, until: float) -> None:
        for _ in client.jobs.events():
            self.record.events += 1
            if time.monotonic() > until or self._ended.is_set():
                return

    def _erase(self, people: People, life_seconds: float) -> None:
        with Keepsake(self._base_url, self._key) as client:
            while not self._ended.wait(life_seconds / USERS):
                self.record.timed("erase", lambda: people.replace(client))

    def _scrape(self) -> None:
        """Read the metrics as Prometheus does."""
        headers = {"Authorization": f"Bearer {self._operator_key}"}
        with httpx.Client(headers=headers, timeout=30, trust_env=False) as client:
            while not self._ended.wait(_SCRAPE_SECONDS):
                self.record.timed(
                    "metrics", lambda: client.get(f"{self._base_url}/metrics").raise_for_status()
                )
