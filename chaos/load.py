"""Clients that post, cancel, pause and replay, and insist until they have an answer."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from chaos.ledger import Order, Plan, Way
from chaos.processes import Processes

HANG_SECONDS = 10
"""A request that takes longer hangs."""
_GIVE_UP_AFTER = 200
_BURST = 60
_LANES = 40
OF_A_KILLED_WEB = " of a killed web process"
_BARE = " without Retry-After"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLevel:
    """How many clients post how demanding jobs.

    remembering: the share of real turns.
    """

    clients: int = 4
    pause_seconds: float = 0.05
    remembering: float = 0.1


class Load:
    """Keeps posting jobs from several threads.

    orders: what was accepted, by job id. errors: what clients met on the way, by kind.
    slowest_seconds: the longest that an answer took. A post is repeated with its key until it is
    answered, as a good client does.
    """

    def __init__(self, processes: Processes, key: str, chance: Random, level: LoadLevel) -> None:
        self._processes, self._chance, self._level = processes, chance, level
        self._headers = {"Authorization": f"Bearer {key}"}
        self._pool = ThreadPoolExecutor(level.clients + 8)
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self.orders: dict[str, Order] = {}
        self.errors: Counter[str] = Counter()
        self.slowest_seconds = 0.0

    def start(self) -> None:
        """Start the clients."""
        self._running = [self._pool.submit(self._go_on) for _ in range(self._level.clients)]

    def end(self) -> None:
        """Post no more; what is under way is answered first.

        Raises:
            RuntimeError: A post got no answer at all.
        """
        self._ended.set()
        self._pool.shutdown()
        for done in self._running:
            done.result()

    def burst(self) -> None:
        """Fill the queue: many jobs at once."""
        with self._client() as client:
            for _ in range(_BURST):
                if not self._ended.is_set():
                    self._post(client)

    def _client(self) -> httpx.Client:
        """One that gives a connection up before uvicorn does, since then a request may be lost."""
        return httpx.Client(headers=self._headers, timeout=HANG_SECONDS, trust_env=False,
                            limits=httpx.Limits(keepalive_expiry=2))  # fmt: skip

    def _go_on(self) -> None:
        with self._client() as client:
            while not self._ended.wait(self._chance.uniform(0, 0.2)):
                job_id = self._post(client)
                if self._chance.random() < 0.1:
                    self._meddle(client, job_id)
                if self._chance.random() < 0.1:
                    self._replay_one(client)

    def _post(self, client: httpx.Client) -> str:
        remembers = self._chance.random() < self._level.remembering
        plan = (Plan.remembering(self._chance) if remembers
                else Plan.drawn(self._chance, self._level.pause_seconds))  # fmt: skip
        key = uuid4().hex
        path, body = plan.request(key, self._chance.randrange(_LANES))
        job = self._insist(client, path, body, {"Idempotency-Key": key})
        if job is None:
            raise RuntimeError("a post was never answered")
        self._accepted(job, Order(plan))
        return str(job["job_id"])

    def _accepted(self, job: dict[str, Any], order: Order) -> None:
        with self._lock:
            self.orders[job["job_id"]] = order

    def _meddle(self, client: httpx.Client, job_id: str) -> None:
        """Cancel, or pause and resume; a refusal means that the job was quicker."""
        if self._chance.random() < 0.5:
            self.orders[job_id].cancelled = True
            self._insist(client, f"/v1/jobs/{job_id}:cancel")
        else:
            self._insist(client, f"/v1/jobs/{job_id}:pause")
            self.resume(client, job_id)

    def resume(self, client: httpx.Client, job_id: str) -> None:
        """Resume; a pause that comes into force only now is looked for at the end."""
        self._insist(client, f"/v1/jobs/{job_id}:resume")

    def _replay_one(self, client: httpx.Client) -> None:
        with self._lock:
            given_up = [job_id for job_id, order in self.orders.items()
                        if order.plan.way is Way.GIVEN_UP and not order.replay][:-5]  # fmt: skip
        if not given_up:
            return
        job_id = self._chance.choice(given_up)
        job = self._insist(client, f"/v1/jobs/{job_id}:replay")
        if job is not None and job["job_id"] != job_id:
            self._accepted(job, Order(self.orders[job_id].plan, replay=True))

    def _insist(
        self,
        client: httpx.Client,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any] | None:
        """Ask either web process until one answers; None when it refuses."""
        for _ in range(_GIVE_UP_AFTER):
            answer = self._ask(client, self._chance.choice(self._processes.base_urls), path, body,
                               headers)  # fmt: skip
            if answer is not None and answer.is_success:
                done: dict[str, Any] = answer.json()
                return done
            if answer is not None and answer.status_code in {404, 409}:
                return None
            threading.Event().wait(self._chance.uniform(0.05, 0.3))
        return None

    def _ask(
        self,
        client: httpx.Client,
        base_url: str,
        path: str,
        body: Any,
        headers: dict[str, str] | None,
    ) -> httpx.Response | None:
        """Ask once; what is neither success nor refusal is noted."""
        began = time.monotonic()
        try:
            answer = client.post(base_url + path, json=body, headers=headers)
        except httpx.TransportError as error:
            down = self._processes.was_down(base_url, began)
            self._met(f"{type(error).__name__}{OF_A_KILLED_WEB if down else ''}")
            return None
        with self._lock:
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
        if not (answer.is_success or answer.status_code in {404, 409}):
            self._met(_kind(answer))
        return answer

    def _met(self, kind: str) -> None:
        with self._lock:
            self.errors[kind] += 1


def allowed(kind: str) -> bool:
    """Whether clients may meet this: to be told when to try again, or a killed web process."""
    with_retry_after = kind.startswith("503 ") and not kind.endswith(_BARE)
    return with_retry_after or kind.endswith(OF_A_KILLED_WEB)


def _kind(answer: httpx.Response) -> str:
    """The status and the problem's slug; a 503 must say when to try again."""
    slug = str(answer.json().get("type", "")).rpartition("#")[2]
    bare = answer.status_code == 503 and "Retry-After" not in answer.headers
    return f"{answer.status_code} {slug}" + (_BARE if bare else "")
