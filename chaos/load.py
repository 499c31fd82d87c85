"""Clients that post, cancel, pause and replay, and insist until they have an answer."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from chaos.books import Order
from chaos.plan import Plan, Way

_GIVE_UP_AFTER = 200
_BURST = 60
_LANES = 40


class Load:
    """Keeps posting jobs from several threads.

    orders: what was accepted, by job id. errors: what clients met on the way, by kind. A post is
    repeated with its key until it is answered, as a good client does.
    """

    def __init__(
        self, base_urls: list[str], key: str, chance: Random, *, clients: int, pause_seconds: float
    ) -> None:
        self._urls, self._chance = base_urls, chance
        self._headers = {"Authorization": f"Bearer {key}"}
        self._clients, self._pause = clients, pause_seconds
        self._pool = ThreadPoolExecutor(clients + 8)
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self.orders: dict[str, Order] = {}
        self.errors: Counter[str] = Counter()

    def start(self) -> None:
        """Begin to post."""
        self._running = [self._pool.submit(self._go_on) for _ in range(self._clients)]

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
        with httpx.Client(headers=self._headers, timeout=10) as client:
            for _ in range(_BURST):
                if not self._ended.is_set():
                    self._post(client)

    def _go_on(self) -> None:
        with httpx.Client(headers=self._headers, timeout=10) as client:
            while not self._ended.wait(self._chance.uniform(0, 0.2)):
                job_id = self._post(client)
                if self._chance.random() < 0.1:
                    self._meddle(client, job_id)
                if self._chance.random() < 0.1:
                    self._replay_one(client)

    def _post(self, client: httpx.Client) -> str:
        plan = Plan.drawn(self._chance, self._pause)
        key = uuid4().hex
        body = {"user_query": plan.text(key), "user_id": f"lane-{self._chance.randrange(_LANES)}"}
        job = self._insist(client, "/v2/memory/ingest", body, {"Idempotency-Key": key})
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
            found = [job_id for job_id, order in self.orders.items()
                     if order.plan.way is Way.GIVEN_UP and not order.replay][:-5]  # fmt: skip
        if not found:
            return
        job_id = self._chance.choice(found)
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
            try:
                answer = client.post(self._chance.choice(self._urls) + path, json=body,
                                     headers=headers)  # fmt: skip
            except httpx.TransportError as error:
                self._met(type(error).__name__)
            else:
                if answer.is_success:
                    done: dict[str, Any] = answer.json()
                    return done
                if answer.status_code in {404, 409}:
                    return None
                self._met(_kind(answer))
            threading.Event().wait(self._chance.uniform(0.05, 0.3))
        return None

    def _met(self, kind: str) -> None:
        with self._lock:
            self.errors[kind] += 1


def _kind(answer: httpx.Response) -> str:
    """The status and the problem's slug; a 503 must say when to try again."""
    slug = str(answer.json().get("type", "")).rpartition("#")[2]
    bare = answer.status_code == 503 and "Retry-After" not in answer.headers
    return f"{answer.status_code} {slug}" + (" without Retry-After" if bare else "")
